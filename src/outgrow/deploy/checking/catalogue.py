"""Every rule by its id: P1 the image, P2 Compose, P3 nginx, P4 workflows, P5 what is ignored, P6 Terraform.

docs/deploy.md has each of them.
"""

from __future__ import annotations

from outgrow.deploy.checking.fault import Fault, Rule, Weight, without_secrets

S, W = Weight.SEVERE, Weight.WARNING
RULES = {
    # -- the image ----------------------------------------------------------------------------------------------------
    "P101": Rule(
        S,
        "Python past its end",
        "It gets no security fixes any more.",
        "FROM python:3.13-slim-trixie, by digest; 3.12 and 3.14 have years to live as well.",
    ),
    "P102": Rule(
        W,
        "Alpine",
        "Its C library is musl, for which many wheels do not exist: they are compiled, or fail at run time.",
        "The slim image of the same Python, such as python:3.13-slim-trixie.",
    ),
    "P103": Rule(
        S,
        "an image without a version",
        "The same file builds something else tomorrow, and nobody can say what runs.",
        "Name a full version and, best, its digest: python:3.13.15-slim-trixie@sha256:….",
    ),
    "P104": Rule(
        S,
        "root in the container",
        "Whoever breaks into the process owns the container, and every file that is mounted.",
        "USER 1000:1000 before CMD, and only the folders that are written to belong to it.",
    ),
    "P105": Rule(
        W,
        "no HEALTHCHECK",
        "A process that hangs counts as running: it gets requests, and a deployment goes on.",
        'HEALTHCHECK --start-period=60s --start-interval=1s CMD ["python", "deploy/ready.py"], which asks /readyz.',
    ),
    "P106": Rule(
        S,
        "everything is copied",
        "COPY . takes .env, the SQLite file and .git along, into a layer that is pushed.",
        "A .dockerignore beside the Dockerfile with .env, .git, *.sqlite3, *.pem and *.key.",
    ),
    "P107": Rule(
        S,
        "a secret can get into the image",
        "The .dockerignore does not leave it out, so that COPY takes it along.",
        "A line with that name in .dockerignore.",
    ),
    "P108": Rule(
        S,
        "the development server",
        "It is one process for trying things out; Django's own documentation forbids it here.",
        'CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"].',
    ),
    "P109": Rule(
        S,
        "a secret in a layer",
        "ARG, ENV, COPY and RUN stay in the image's history, where everybody who can pull it reads them.",
        "Give it when the container starts, as a file (`secrets:` of Compose); in a build, RUN --mount=type=secret.",
    ),
    "P110": Rule(
        S,
        "migrations when a server starts",
        "Every replica does it at once, and Django's migrate takes no lock.",
        "One job before all replicas: `python -m outgrow migrate`, for which they wait.",
    ),
    "P111": Rule(
        W,
        "two bases",
        "What was compiled on one Python or system is run on another.",
        "One FROM … AS base, and every stage that has Python begins with it.",
    ),
    # -- Compose ------------------------------------------------------------------------------------------------------
    "P201": Rule(
        S,
        "a database server past its end",
        "It gets no security fixes, and Django has left it or will.",
        "postgres:18, mysql:8.4 or mariadb:11.8; move the data with `outgrow move` or the engine's own upgrade.",
    ),
    "P202": Rule(
        S,
        "an image without a version",
        "A `docker compose pull` may bring another major version, whose files the data is not.",
        "Name the version: postgres:18.6, mysql:8.4.11, mariadb:11.8.8, nginx:1.30.4.",
    ),
    "P203": Rule(
        S,
        "a database without healthcheck",
        "Nobody can wait for it: what starts beside it meets a refused connection.",
        "A healthcheck that logs in, and depends_on with condition: service_healthy.",
    ),
    "P204": Rule(
        S,
        "a healthcheck that is true too early",
        "It is content with the server that prepares the data at the first start, and which is gone a second later.",
        "pg_isready -h 127.0.0.1; healthcheck.sh --connect --innodb_initialized (MariaDB); for MySQL a login "
        "over TCP as the application's user with SELECT 1.",
    ),
    "P205": Rule(
        S,
        "depends_on without condition",
        "Compose waits until the container runs, not until what is in it answers.",
        "depends_on: {db: {condition: service_healthy}}, and for a job service_completed_successfully.",
    ),
    "P206": Rule(
        S,
        "migrations when a server starts",
        "Every replica does it at once, and Django's migrate takes no lock.",
        "A service `migrate` that runs `python -m outgrow migrate` once; the others depend on it with "
        "condition: service_completed_successfully.",
    ),
    "P207": Rule(
        S,
        "the development server",
        "It is one process for trying things out; Django's own documentation forbids it here.",
        "gunicorn --config deploy/gunicorn.conf.py.",
    ),
    "P208": Rule(
        S,
        "a password in the file",
        "It is in version control, and `docker inspect` shows it to everybody on the host.",
        "secrets: with a file for each, and the variable that ends in _FILE (POSTGRES_PASSWORD_FILE, "
        "MYSQL_ROOT_PASSWORD_FILE).",
    ),
    "P209": Rule(
        S,
        "root from anywhere",
        "The all-powerful account can log in over the network, from any host.",
        "MYSQL_ROOT_HOST: localhost (MARIADB_ROOT_HOST); the application has a user of its own.",
    ),
    "P210": Rule(
        S,
        "the application as root",
        "A single injection can drop every table and read every other database.",
        "A role with SELECT, INSERT, UPDATE and DELETE for the application, and another, that owns the "
        "tables, for migrate.",
    ),
    "P211": Rule(
        S,
        "a published database port",
        "Docker's rules stand before the host's firewall (ufw): the port is open to the internet.",
        "No ports: on a database; to look into it from the host, `docker compose exec`, or 127.0.0.1:PORT in "
        "development.",
    ),
    "P212": Rule(
        S,
        "the source mounted",
        "What runs is what lies on the host at the moment, not the image that was tested.",
        "The image alone, by digest; volumes only for data.",
    ),
    "P213": Rule(
        W,
        "container_name",
        "Only one container can have the name: no second replica, and no new version beside the old one.",
        "Leave it out; other services reach it by the service's name.",
    ),
    "P214": Rule(
        S,
        "ports on a web server",
        "Only one replica can hold the port, and requests pass by the proxy.",
        "ports: on the proxy alone; the web servers are reached over the internal network.",
    ),
    "P215": Rule(
        S,
        "the engine's own schema",
        "The application's tables would lie among the server's own, where an upgrade rewrites them.",
        "A database of its own: MYSQL_DATABASE (or NAME) = the site's name.",
    ),
    "P216": Rule(
        W,
        "killed while it answers",
        "Compose waits 10 s before it kills, and a request may take longer than that.",
        "stop_grace_period: longer than gunicorn's graceful_timeout, such as 45s.",
    ),
    "P217": Rule(
        S,
        "no password asked",
        "Everybody who reaches the port is the owner of all data.",
        "POSTGRES_PASSWORD_FILE with a secret; MYSQL_ROOT_PASSWORD_FILE likewise.",
    ),
    "P218": Rule(
        S,
        "data outside the volume",
        "Since 18 the image keeps its data below /var/lib/postgresql: what lies elsewhere is gone with the container.",
        "volumes: [database:/var/lib/postgresql].",
    ),
    "P219": Rule(
        S,
        "DEBUG on",
        "Every error page shows settings, source and SQL to whoever met the error.",
        "DEBUG=0, and ALLOWED_HOSTS.",
    ),
    # -- nginx --------------------------------------------------------------------------------------------------------
    "P301": Rule(
        S,
        "names asked once",
        "The name is looked up when nginx starts: a replica that is replaced or added is never found.",
        "resolver 127.0.0.11 valid=2s; and upstream app { zone app 256k; server web:8000 resolve; }.",
    ),
    "P302": Rule(
        W,
        "no word on retries",
        "Where one replica is gone, what becomes of its requests is left to defaults.",
        "proxy_next_upstream error timeout; proxy_next_upstream_tries 3; proxy_connect_timeout 2s.",
    ),
    "P303": Rule(
        S,
        "POST sent twice",
        "With non_idempotent an order is placed again where the first answer was late.",
        "proxy_next_upstream error timeout; without non_idempotent.",
    ),
    "P304": Rule(
        W,
        "the site's own name is lost",
        "Django checks Host, and builds links from it; it would be the upstream's name.",
        "proxy_set_header Host $http_host; and X-Forwarded-For, X-Forwarded-Proto.",
    ),
    "P305": Rule(
        S,
        "retries switched off",
        "A replica that is gone costs every request that nginx sends to it.",
        "proxy_next_upstream error timeout.",
    ),
    # -- workflows ----------------------------------------------------------------------------------------------------
    "P401": Rule(
        S,
        "every branch deploys",
        "A push to any branch puts its code into production.",
        "on: {push: {branches: [main]}}.",
    ),
    "P402": Rule(
        S,
        "an action by a moving name",
        "Whoever controls the action can change what runs here, with this workflow's rights.",
        "The full commit, with the version behind it: "
        "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2.",
    ),
    "P403": Rule(
        S,
        "deployed without tests",
        "Nothing stands between a mistake and production.",
        "A job with the tests, and needs: [test] on the one that builds or deploys.",
    ),
    "P404": Rule(
        S,
        "a secret written to a file",
        "It stays on the runner or the host; several values in one secret are not masked in the log.",
        "One secret a value, in env: of the step that needs it; on the host files of `secrets:`, or a secrets"
        " manager by OIDC.",
    ),
    "P405": Rule(
        W,
        "no permissions",
        "The token may write whatever the repository's default lets it.",
        "permissions: {contents: read} at the top, and more only in the job that needs it.",
    ),
    "P406": Rule(
        W,
        "no concurrency",
        "Two pushes deploy at the same time, and the older may win.",
        "concurrency: {group: deploy-production, cancel-in-progress: false}.",
    ),
    "P407": Rule(
        W,
        "no environment",
        "No reviewer, no branch rule and no secret of production's own stands before the deployment.",
        "environment: production on the job that deploys.",
    ),
    "P408": Rule(
        S,
        "a stranger's code with secrets",
        "With pull_request_target it runs with secrets, and the code of the fork is checked out.",
        "on: pull_request, which gets no secret.",
    ),
    "P409": Rule(
        W,
        "a key that never ends",
        "A stored cloud key is good until somebody notices that it was copied.",
        "permissions: {id-token: write} and role-to-assume: a role for an hour.",
    ),
    "P410": Rule(
        S,
        "a host that is not checked",
        "Whoever answers at the address gets the secrets and the files.",
        "Put the host's key into known_hosts, or deploy without SSH (SSM Run Command).",
    ),
    "P411": Rule(
        S,
        "a workflow that cannot be called",
        "The job calls a workflow that does not exist or has no workflow_call: it fails at once.",
        "workflow_call: among what the called workflow is `on`.",
    ),
    "P412": Rule(
        W,
        "built on the host",
        "There is no image to go back to, and what runs is not what was tested.",
        "Build once in the workflow, push by digest, and let the host pull that.",
    ),
    # -- what is ignored ----------------------------------------------------------------------------------------------
    "P501": Rule(
        S,
        ".env in version control",
        "It is not ignored by git: the next `git add .` publishes every value in it.",
        ".env as a line of .gitignore; .env.example, without values, is for others to copy.",
    ),
    # -- Terraform ----------------------------------------------------------------------------------------------------
    "P601": Rule(
        S,
        "a database on the internet",
        "It has a public address, and is tried within minutes.",
        "publicly_accessible = false, in private subnets.",
    ),
    "P602": Rule(
        S,
        "a database's port open to all",
        "With 0.0.0.0/0 (or ::/0) everybody can try passwords.",
        "A rule from the web servers' security group to the database's, and no other.",
    ),
    "P603": Rule(
        W,
        "storage in plain",
        "Snapshots and discs can be read where they end up.",
        "storage_encrypted = true (it can only be set when the instance is made).",
    ),
    "P604": Rule(
        W,
        "few backups",
        "A mistake that is noticed after the weekend cannot be undone.",
        "backup_retention_period = 7 or more, and a restore that was tried.",
    ),
    "P605": Rule(
        W,
        "easily deleted",
        "One `terraform destroy` in the wrong folder is the end of the data.",
        "deletion_protection = true.",
    ),
    "P606": Rule(
        S,
        "a password in the file",
        "It is in version control, in plans and in the state.",
        "manage_master_user_password = true, which keeps it in Secrets Manager.",
    ),
}


def fault(id_: str, file: str, line: int, found: str) -> Fault:
    return Fault(id_, file, line, without_secrets(" ".join(found.split()))[:160], RULES[id_])
