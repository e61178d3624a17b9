"""A local page over the published views: what a dashboard will show, as one of its users."""
