"""Each rule about workflows with the walk-throughs' line, and with the right one."""

from __future__ import annotations

from textwrap import dedent

import pytest

from outgrow.deploy.checking import workflows, yamls

GOOD = """\
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency: {group: deploy, cancel-in-progress: false}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
      - run: pytest
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    steps:
      - run: bash deploy/remote.sh "$IMAGE"
        env: {IMAGE: there}
"""
CALLED = {".github/workflows/ci.yml": yamls.load("on: {workflow_call: }\njobs: {}\n")}


def found(text: str, **others: str) -> dict[str, int]:
    documents = {f".github/workflows/{name}.yml": yamls.load(said) for name, said in others.items()}
    return {one.id: one.line for one in workflows.judge("deploy.yml", yamls.load(text), documents)}


def test_nothing_is_wrong_with_a_good_one() -> None:
    assert found(GOOD) == {}


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "line"),
    [
        ("P401", "on:\n  push:\n    branches: [main]\n", "on: [push]\n", 2),
        ("P401", "branches: [main]", "branches: ['**']", 4),
        ("P402", "@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@master", 12),
        ("P402", "@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6", 12),
        ("P403", "    needs: [test]\n", "", 14),
        ("P403", "pytest", "echo fine", 14),
        ("P404", "pytest", 'echo "${{ secrets.ENV_VARS }}" >> .env', 13),
        ("P405", "permissions:\n  contents: read\n", "", 6),
        ("P406", "concurrency: {group: deploy, cancel-in-progress: false}\n", "", 7),
        ("P407", "    environment: production\n", "", 14),
        ("P409", "{IMAGE: there}", "{AWS_SECRET_ACCESS_KEY: '${{ secrets.AWS_SECRET_ACCESS_KEY }}'}", 20),
        ("P410", "bash deploy/remote.sh", "ssh -o StrictHostKeyChecking=no host deploy.sh", 19),
        ("P412", "bash deploy/remote.sh", "ssh host 'git pull && docker build .'", 19),
    ],
)
def test_the_mistaken_line_is_found_and_the_right_one_is_not(rule: str, right: str, wrong: str, line: int) -> None:
    assert right in GOOD
    assert found(GOOD.replace(right, wrong)).get(rule) == line


def test_a_secret_beside_a_stream_is_in_no_file() -> None:
    for end in ("2>&1", "> /dev/null", "2>/dev/null"):
        assert found(GOOD.replace("pytest", f"pytest && login -p ${{{{ secrets.TOKEN }}}} {end}")) == {}


def test_a_text_of_several_lines_that_goes_to_a_file_is_looked_through() -> None:
    script = "- run: |\n          cat > .env <<'END'\n          TOKEN=${{ secrets.TOKEN }}\n          END\n"
    after = '          login "${{ secrets.TOKEN }}"\n          pytest\n'
    assert found(GOOD.replace("- run: pytest\n", script + after)) == {"P404": 15}
    sent = script.replace("cat > .env", "login")
    assert found(GOOD.replace("- run: pytest\n", sent + after)) == {}


def test_the_line_of_a_script_in_a_block() -> None:
    text = GOOD.replace("- run: pytest", "- run: |\n          pytest\n          echo ${{ secrets.ENV }} > .env")
    assert found(text) == {"P404": 15}


def test_the_walkthroughs_workflow() -> None:
    text = dedent("""\
        name: Deploy to EC2
        on: [push]
        jobs:
          build:
            name: Build
            runs-on: ubuntu-latest
            steps:
            - name: checkout
              uses: actions/checkout@master
            - name: create env file
              run: |
                touch .env
                echo "${{ secrets.ENV_VARS }}" >> .env
            - name: create remote directory
              uses: appleboy/ssh-action@master
              with:
                host: ${{ secrets.HOST }}
                script: mkdir -p /home/ubuntu/srv/ubuntu
            - name: deploy
              uses: appleboy/ssh-action@master
              with:
                script: |
                  sh /home/ubuntu/srv/ubuntu/config/scripts/deploy.sh
    """)
    rules = found(text)
    assert set(rules) == {"P401", "P402", "P403", "P404", "P405", "P406", "P407", "P412"}
    assert rules["P404"] == 13
    assert rules["P412"] == 23


def test_a_called_workflow_has_to_be_callable_and_counts_as_tests() -> None:
    text = GOOD.replace(
        "    runs-on: ubuntu-24.04\n    steps:\n"
        "      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2\n      - run: pytest\n",
        "    uses: ./.github/workflows/ci.yml\n",
    )
    assert found(text, ci="on: {workflow_call: }\njobs: {}\n") == {}
    assert found(text, ci="on: {push: }\njobs: {}\n") == {"P411": 10}
    assert found(text) == {"P411": 10}


def test_a_strangers_code_is_not_run_with_secrets() -> None:
    text = dedent("""\
        on: pull_request_target
        permissions: {}
        jobs:
          test:
            steps:
              - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
                with: {ref: '${{ github.event.pull_request.head.sha }}'}
    """)
    assert found(text) == {"P408": 6}
    assert found(text.replace("_target", "")) == {}


def test_a_workflow_that_deploys_nothing_may_run_on_every_push() -> None:
    assert found("on: [push]\npermissions: {}\njobs: {test: {steps: [{run: pytest}]}}\n") == {}


def test_a_secret_that_is_a_whole_file() -> None:
    text = GOOD.replace("{IMAGE: there}", "{ALL: '${{ secrets.ENV_VARS }}'}")
    assert found(text) == {"P404": 20}


STARTS = """\
      - run: docker compose -f compose.test.yaml up --wait
      - run: rsync -a --delete fixtures/ copy/
"""


@pytest.mark.parametrize(
    ("right", "wrong", "deploys"),
    [
        ("", "", False),
        ("runs-on: ubuntu-24.04", "runs-on: [self-hosted, linux]", True),
        ("docker compose -f", "docker --context production compose -f", True),
        ("docker compose -f", "DOCKER_HOST=ssh://me@host docker compose -f", True),
        ("fixtures/ copy/", "fixtures/ me@host:/srv/", True),
        ("fixtures/ copy/", "\\\n          fixtures/ ${{ vars.HOST }}:/srv/", True),
    ],
)
def test_a_job_that_starts_compose_or_copies_for_its_own_tests_is_no_deployment(
    right: str, wrong: str, deploys: bool
) -> None:
    head, _, _ = GOOD.partition("  deploy:\n")
    text = head.replace("      - run: pytest\n", f"{STARTS}      - run: pytest\n").replace(right, wrong)
    if "\n" in wrong:
        text = text.replace("      - run: rsync", "      - run: |\n          rsync")
    assert ("P407" in found(text)) is deploys
