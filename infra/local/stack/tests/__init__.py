"""Tests of the launcher; make test runs them in the supervisor's environment."""
