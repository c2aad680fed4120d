"""What several tests need: pages without a browser, proxies, settings of every kind."""
