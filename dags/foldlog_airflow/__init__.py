"""What the DAGs are made of: operators for the applications, and the components' supervisor."""
