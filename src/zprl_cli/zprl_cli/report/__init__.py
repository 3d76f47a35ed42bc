"""report.html, its plots and videos."""
