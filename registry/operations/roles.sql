-- The three roles of the database (database_roles.py), for docker-compose.yml.
-- psql runs this once, as the superuser, when the database is created.

\getenv owner_password DATABASE_OWNER_PASSWORD
\getenv application_password DATABASE_PASSWORD
\getenv public_password DATABASE_PUBLIC_PASSWORD

CREATE ROLE register_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE register_app LOGIN PASSWORD :'application_password';
CREATE ROLE register_public LOGIN PASSWORD :'public_password';
ALTER DATABASE register OWNER TO register_owner;

-- From now on nobody is superuser over the network, only inside the container.
ALTER ROLE CURRENT_USER PASSWORD NULL;
