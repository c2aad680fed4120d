"""The dashboard around its pages."""
