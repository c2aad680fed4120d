"""Settings -> what a page shows, computed once per settings and shared by all sessions."""
