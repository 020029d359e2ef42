"""What every domain stands on; knows no partner, lead or course."""
