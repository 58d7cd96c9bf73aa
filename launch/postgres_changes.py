"""What is done to data folders that older releases made. Each is done wholly or not at all."""

from pathlib import Path

from launch.console import LaunchError, say
from launch.crew import Crew
from launch.postgres_server import DATABASE, OWNER, SUPERUSER, Server

# Tables take their indexes, identity sequences and row types along; what belongs to an extension stays as it is.
PART = f"""
BEGIN;
CREATE ROLE parting SUPERUSER;
SET SESSION AUTHORIZATION parting; -- nobody may rename himself
ALTER ROLE {OWNER} RENAME TO {SUPERUSER};
RESET SESSION AUTHORIZATION;
DROP ROLE parting;
CREATE ROLE {OWNER} LOGIN CREATEDB;
ALTER DATABASE {DATABASE} OWNER TO {OWNER};
DO $$
DECLARE command text;
BEGIN
    FOR command IN
        SELECT format('ALTER SCHEMA %s OWNER TO {OWNER}', n.oid::regnamespace)
        FROM pg_namespace n
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND n.nspowner = 10
        UNION ALL
        SELECT format('ALTER %s %s OWNER TO {OWNER}',
            CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
            c.oid::regclass)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            AND NOT EXISTS (
                SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i'))
            )
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO {OWNER}', p.oid::regprocedure)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
            AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
            )
    LOOP
        EXECUTE command;
    END LOOP;
END $$;
COMMIT;
"""  # noqa: S608 - names of ours
# Prints a line for each table, for each sequence, and for each kind of rule.
COUNT = """
SELECT format('SELECT %L, count(*) FROM %s', c.oid::regclass, c.oid::regclass)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname
\\gexec
SELECT sequencename || ' stands at ' || coalesce(last_value, 0), 0 FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1;
SELECT 'rules of kind ' || contype::text || ' ' || count(*), 0
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u') GROUP BY contype ORDER BY 1;
SELECT 'indexes ' || count(*), 0 FROM pg_indexes WHERE schemaname = 'public';
SELECT 'triggers ' || count(*), 0 FROM pg_trigger WHERE NOT tgisinternal;
"""
PLAIN = ("--no-owner", "--no-privileges", "--no-comments")  # all of it will be the application's


async def superuser_parted(server: Server, crew: Crew) -> None:
    """Folders made before had one role: the application's was PostgreSQL's superuser, who cannot be made an ordinary one."""
    if await server.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user;\n", crew) == ["t"]:
        await server.ask(PART, crew)
        say(f"The application's role in the database is no superuser any more; that is now {SUPERUSER}.")


async def copied(old: Server, new: Server, dump: Path, crew: Crew) -> str:
    """What is the same in both; raises LaunchError if anything is not. Neither runs afterwards."""
    programs = new.programs.bin
    async with old.running(crew):
        counted = await old.ask(COUNT, crew)
        command: list[str | Path] = [programs / "pg_dump", "--format=custom", *PLAIN, f"--file={dump}", *old.address()]
        await old.run("pg_dump", command, crew)
    async with new.running(crew):
        command = [programs / "pg_restore", "--single-transaction", "--exit-on-error", *PLAIN, *new.address(), dump]
        await new.run("pg_restore", command, crew)
        await new.ask("ANALYZE;\n", crew)
        if (found := await new.ask(COUNT, crew)) != counted:
            differing = sorted(set(counted) ^ set(found))[:5]
            raise LaunchError(f"The copy is not what it was copied from; the old folder is as it was: {'; '.join(differing)}")
    rows = [int(line.rpartition("|")[2]) for line in counted if " " not in line]
    return f"{len(rows)} tables, {sum(rows):,} rows"
