"""Who may log in and which clients there are: those of the realm that Keycloak imports."""
