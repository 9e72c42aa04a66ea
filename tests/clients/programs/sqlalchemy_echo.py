"""SQLAlchemy's echo, whose InstanceLogger calls `logger._log` itself."""

import logging
import re
import sys

import sheets
import sqlalchemy


def still(text):
    """Return SQLAlchemy's lines without times and addresses."""
    text = re.sub(r"(generated in|cached since) [0-9.e+-]+s", r"\1 Ns", text)
    text = re.sub(r"^\d{4}-\d\d-\d\d [\d:,]+", "TIME", text, flags=re.MULTILINE)
    return re.sub(r"0x[0-9a-f]+", "0xN", text)


def use(engine):
    """Create, insert, select, fail."""
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table t (a integer, b text)"))
        for number in range(2):
            connection.execute(
                sqlalchemy.text("insert into t values (:a, :b)"),
                {"a": number, "b": "é" * number},
            )
        print(connection.execute(sqlalchemy.text("select * from t")).fetchall())
    try:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("select * from missing"))
    except sqlalchemy.exc.OperationalError as error:
        print(type(error).__name__)


def main():
    """Use engines with every kind of echo."""
    sys.stdout = sheets.new()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        logging.Formatter("%(levelname)s %(name)s %(funcName)s %(message)s")
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    for number, echo in enumerate((False, True, "debug")):
        print("echo", echo)
        engine = sqlalchemy.create_engine(
            "sqlite://", echo=echo, echo_pool=echo, logging_name=f"name{number}"
        )
        use(engine)
    # Through the logger's level alone, without echo.
    handler.setFormatter(logging.Formatter("%(filename)s:%(levelname)s:%(message)s"))
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    use(sqlalchemy.create_engine("sqlite://"))
    logging.disable(logging.INFO)
    use(sqlalchemy.create_engine("sqlite://", echo=True))
    logging.disable(logging.NOTSET)
    logging.getLogger("ordinary").warning("still %s", "here")
    print(still(sheets.text(sys.stdout)), file=sys.__stdout__)


main()
