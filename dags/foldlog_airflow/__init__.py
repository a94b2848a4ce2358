"""The operators that the DAGs use, and the control of the pipeline's components."""
