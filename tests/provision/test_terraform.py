"""The Terraform modules, read as Terraform reads them: nothing is open, and everything that has to be set is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import hcl2
import pytest

from outgrow.errors import Refused
from outgrow.provision import terraform
from tests.provision.test_command import outgrow, refused

EVERY = pytest.mark.parametrize("kind", terraform.KINDS)
RULES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")


def bare(value: Any) -> Any:
    """A value of the parser without the quotes and braces in which it gives texts and expressions."""
    if isinstance(value, dict):
        return {bare(key): bare(one) for key, one in value.items() if key != "__is_block__"}
    if isinstance(value, list):
        return [bare(one) for one in value]
    if isinstance(value, str):
        return value.removeprefix('"').removesuffix('"')
    return value


class Module:
    """All blocks of a written module: ``resource["aws_db_instance"]["database"]``."""

    def __init__(self, folder: Path) -> None:
        self.text = "\n".join(path.read_text() for path in sorted(folder.glob("*.tf")))
        self.resource: dict[str, dict[str, Any]] = {}
        self.variable: dict[str, Any] = {}
        self.output: dict[str, Any] = {}
        self.locals: dict[str, Any] = {}
        for path in folder.glob("*.tf"):
            with path.open() as file:
                found = bare(hcl2.load(file))
            for block in found.get("resource", ()):
                for kind, named in block.items():
                    self.resource.setdefault(kind, {}).update(named)
            for block in found.get("variable", ()):
                self.variable.update(block)
            for block in found.get("output", ()):
                self.output.update(block)
            for block in found.get("locals", ()):
                self.locals.update(block)


@pytest.fixture
def folder(tmp_path: Path, kind: str) -> Path:
    terraform.compare(kind, tmp_path / "module").write()
    return tmp_path / "module"


@pytest.fixture
def module(folder: Path) -> Module:
    return Module(folder)


@EVERY
def test_no_address_of_the_whole_world_is_anywhere(module: Module) -> None:
    assert "0.0.0.0" not in module.text
    assert "::/0" not in module.text
    assert not re.search(r"\bcidr_ipv[46]\b|\bcidr_blocks\b|ipv6_cidr_blocks|prefix_list", module.text)
    assert not {"aws_internet_gateway", "aws_nat_gateway", "aws_eip", "aws_route"} & set(module.resource)


@EVERY
def test_rules_go_from_security_group_to_security_group_alone(module: Module) -> None:
    rules = [rule for kind in RULES for rule in module.resource[kind].values()]
    assert len(rules) == 3
    for rule in rules:
        assert rule["referenced_security_group_id"]
        assert "local.port" in rule["from_port"]
        assert rule["from_port"] == rule["to_port"]
        assert rule["ip_protocol"] == "tcp"
    for group in module.resource["aws_security_group"].values():
        assert not {"ingress", "egress"} & set(group)
    assert "aws_security_group_rule" not in module.resource


@EVERY
def test_nothing_is_public(module: Module) -> None:
    assert module.resource["aws_db_instance"]["database"]["publicly_accessible"] is False
    assert module.resource["aws_subnet"]["database"]["map_public_ip_on_launch"] is False
    assert module.resource["aws_route_table"]["database"]["route"] == []


@EVERY
def test_the_server_is_encrypted_backed_up_protected_and_watched(module: Module) -> None:
    server = module.resource["aws_db_instance"]["database"]
    expected = {
        "storage_encrypted": True, "manage_master_user_password": True, "copy_tags_to_snapshot": True,
        "skip_final_snapshot": False, "performance_insights_enabled": True, "delete_automated_backups": False,
        "allow_major_version_upgrade": False,
    }  # fmt: skip
    assert {name: server[name] for name in expected} == expected
    for name in ("multi_az", "deletion_protection", "backup_retention_period"):
        assert f"var.{name}" in server[name]
    assert "password" not in server
    assert "db_name" not in server
    assert server["final_snapshot_identifier"].endswith("-final")
    assert "local.lifecycle_support" in server["engine_lifecycle_support"]


@EVERY
def test_what_protects_is_the_default_and_backups_cannot_be_shorter_than_a_week(module: Module) -> None:
    assert module.variable["deletion_protection"]["default"] is True
    assert module.variable["multi_az"]["default"] is True
    assert module.variable["backup_retention_period"]["default"] >= 7
    condition = module.variable["backup_retention_period"]["validation"][0]["condition"]
    assert "var.backup_retention_period >= 7" in condition
    assert all(variable["description"] for variable in module.variable.values())


@pytest.mark.parametrize(
    ("kind", "version", "parameters"),
    [
        ("rds-postgres", ("postgres", "18.4", "postgres18"), {"rds.force_ssl": "1"}),
        ("rds-mysql", ("mysql", "8.4.9", "mysql8.4"),
         {"character_set_server": "utf8mb4", "log_bin_trust_function_creators": "1", "require_secure_transport": "1"}),
        ("rds-mariadb", ("mariadb", "11.8.8", "mariadb11.8"),
         {"character_set_server": "utf8mb4", "log_bin_trust_function_creators": "1", "require_secure_transport": "1"}),
    ],
)  # fmt: skip
def test_each_engine_has_its_version_and_what_django_expects(
    module: Module, version: tuple[str, str, str], parameters: dict[str, str]
) -> None:
    assert tuple(module.locals[name] for name in ("engine", "engine_version", "family")) == version
    assert parameters.items() <= module.locals["parameters"].items()


@EVERY
def test_no_secret_leaves_the_module(module: Module) -> None:
    assert "master_secret_arn" in module.output
    assert "PASSWORD@" in module.output["admin_url"]["value"]


@EVERY
def test_every_file_of_the_package_is_written_and_none_else(folder: Path, kind: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(terraform.NAMES)
    place = files("outgrow.provision.terraform")
    own = {path.name for path in (place / kind).iterdir()} | {path.name for path in (place / "common").iterdir()}
    assert own == set(terraform.NAMES)


# -- Terraform itself -------------------------------------------------------------------------------------------------
GOOD = {
    "name": '"tablebooking"', "vpc_id": '"vpc-1"',
    "subnets": '{ "eu-central-1a" = "10.0.40.0/26", "eu-central-1b" = "10.0.40.64/26" }',
}  # fmt: skip
INNER = (
    'output "seen" { value = [local.engine, local.parameters, local.lifecycle_support, local.logs, local.tls_query] }\n'
)


def program() -> str:
    found = shutil.which("terraform")
    if found is None:
        pytest.skip("terraform is not on PATH: install it to have the modules judged by Terraform itself")
    return found


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outgrow" / "terraform"
    cache.mkdir(parents=True, exist_ok=True)  # the provider has 700 MB
    environment = {"TF_PLUGIN_CACHE_DIR": str(cache), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", **os.environ}
    command = [program(), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


@EVERY
def test_terraform_finds_every_file_well_formed(folder: Path) -> None:
    done = run(folder, "fmt", "-check", "-diff")
    assert done.returncode == 0, done.stdout + done.stderr


@EVERY
def test_terraform_finds_the_module_valid(folder: Path) -> None:
    """With the provider's own list of what each resource may have."""
    begun = run(folder, "init", "-backend=false", "-input=false", "-no-color")
    if "ailed to query available provider packages" in begun.stderr:
        pytest.skip(
            "terraform is here, and its AWS provider cannot be had: nothing but the provider knows its resources"
        )
    assert begun.returncode == 0, begun.stderr
    done = run(folder, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def inner(folder: Path, tmp_path: Path) -> Path:
    """What of a module needs no provider: its variables with their validations, and its engine's values."""
    (made := tmp_path / "inner").mkdir()
    for name in ("variables.tf", "engine.tf"):
        shutil.copy(folder / name, made)
    (made / "outputs.tf").write_text(INNER)
    assert run(made, "init", "-backend=false", "-input=false").returncode == 0
    return made


def planned(inner: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    (inner / "terraform.tfvars").write_text("".join(f"{n} = {v}\n" for n, v in {**GOOD, **variables}.items()))
    return run(inner, "plan", "-input=false", "-no-color", "-compact-warnings")


@EVERY
def test_terraform_takes_the_example_of_the_readme(inner: Path, kind: str) -> None:
    good = planned(inner)
    assert good.returncode == 0, good.stderr
    assert ("extended-support-disabled" in good.stdout) == (kind != "rds-mariadb")


@pytest.mark.parametrize("kind", ["rds-mysql"])
def test_terraform_refuses_what_would_harm(inner: Path) -> None:
    for name, value, said in (
        ("backup_retention_period", "6", "Keep backups for 7 to 35 days"),
        ("subnets", '{ "eu-central-1a" = "10.0.40.0/26" }', "needs subnets in two of them"),
        ("subnets", '{ "a" = "0.0.0.0/0", "b" = "10.0.40.0/26" }', "of a /16 or smaller"),
        (
            "client_security_group_ids",
            '{ office = "203.0.113.0/24" }',
            "Only security groups may come in, never ranges",
        ),
        ("max_allocated_storage", "20", "The storage could not grow"),
        ("master_username", '"root"', "none of the names that everybody tries"),
        ("name", '"Table_Booking"', "Use small letters, digits and single hyphens"),
    ):
        done = planned(inner, **{name: value})
        assert done.returncode == 1, (name, done.stdout)
        assert said in " ".join(done.stderr.replace("│", " ").split()), done.stderr


def test_a_folder_that_has_the_module_is_left_as_it_is(tmp_path: Path) -> None:
    first = outgrow(tmp_path, "provision", "--terraform", "rds-mysql", "database")
    assert first.stdout.startswith("database has versions.tf, variables.tf, network.tf, engine.tf, database.tf, ")
    again = outgrow(tmp_path, "provision", "--terraform", "rds-mysql", "database")
    assert again.stdout == "database has the module rds-mysql already: nothing to change.\n"
    assert again.returncode == 0


def test_a_file_that_somebody_changed_is_shown_and_overwritten_by_force_alone(tmp_path: Path) -> None:
    outgrow(tmp_path, "provision", "--terraform", "rds-postgres", "database")
    (file := tmp_path / "database" / "database.tf").write_text(file.read_text().replace("gp3", "io2"))
    (own := tmp_path / "database" / "own.tf").write_text("# ours\n")
    done = outgrow(tmp_path, "provision", "--terraform", "rds-postgres", "database")
    assert done.returncode == 2
    assert '-  storage_type          = "io2"\n+  storage_type          = "gp3"' in done.stdout
    assert done.stderr == (
        "database.tf of database would be written otherwise: keep what you changed in a file of your own beside it, or "
        "add --force to overwrite it.\n"
    )
    assert "io2" in file.read_text()
    assert outgrow(tmp_path, "provision", "--terraform", "rds-postgres", "database", "--force").returncode == 0
    assert "gp3" in file.read_text()
    assert own.read_text() == "# ours\n"


def test_a_kind_with_a_typo_gets_the_nearest_right_one(tmp_path: Path) -> None:
    said = refused(tmp_path, "--terraform", "rds-postgresql", "database")
    assert said == (
        "--terraform knows no 'rds-postgresql': expected one of rds-postgres, rds-mysql, rds-mariadb; did you mean "
        "'rds-postgres'?"
    )


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "database").write_text("")
    assert refused(tmp_path, "--terraform", "rds-mysql", "database") == (
        "database is a file: name a folder for the module's files."
    )


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match=r"cannot be used \(Not a directory\): choose another one"):
        terraform.compare("rds-mysql", tmp_path / "file" / "database").write()
