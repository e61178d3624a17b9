"""`cci sql`: one statement through Athena, printed as a table, CSV or JSON."""

import click

from cci import show
from cci.athena import QueryFailed, query
from cci.compose import aws
from contracts.names import PUBLISHED_DATABASE


@click.command()
@click.argument("statement")
@click.option(
    "--database", default=PUBLISHED_DATABASE, show_default=True, help="Where names resolve."
)
@click.option("--csv", "shape", flag_value="csv", help="Print CSV with a header.")
@click.option("--json", "shape", flag_value="json", help="Print a JSON list of objects.")
def sql(statement: str, database: str, shape: str | None) -> None:
    """Run STATEMENT through Athena in the shared work group.

    Example: cci sql "select tenant_id, count(*) as calls from fct_calls group by tenant_id"
    """
    if not statement.strip():
        raise click.UsageError("STATEMENT is empty: give one SELECT, in quotes")
    try:
        found = query(aws(), statement, database)
    except QueryFailed as error:
        raise click.ClickException(str(error)) from error
    if shape == "csv":
        click.echo(show.as_csv(found.columns, found.rows), nl=False)
    elif shape == "json":
        click.echo(show.as_json(found.columns, found.rows))
    else:
        show.out().print(show.as_table(found.columns, found.rows))
