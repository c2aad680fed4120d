"""What runs beside the dashboard, on threads of its own."""
