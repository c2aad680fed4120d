"""Charts that are updated in place."""
