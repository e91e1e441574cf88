using Microsoft.EntityFrameworkCore.Migrations;

namespace CloudPbx.Data.Postgres;

/// <summary>The partitioned table of call records: a partition per month, by the instant inside the call's UUIDv7 (RFC 9562 §5.7: the first 48 bits are Unix milliseconds).</summary>
internal static class CallRecordPartitions
{
    /// <summary>
    /// Months that are made ahead; the Api adds more as time goes on (<see cref="PostgresSchema.ExtendAsync"/>), and the default partition takes what fits nowhere. Few, because a search is planned
    /// over all of them: with 24 of them planning took ten times as long as searching.
    /// </summary>
    public const int MonthsAhead = 3;

    // What the first migration made.
    private const int MonthsAheadAtFirst = 24;

    /// <summary>Makes the table, its partitions and the function that adds partitions.</summary>
    public static void CreateCallRecords(this MigrationBuilder migration) => migration.Sql(
        $"""
        CREATE TABLE call_records (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            sequence bigint NOT NULL,
            caller_number character varying(64) NOT NULL,
            caller_name character varying(128),
            called_number character varying(64) NOT NULL,
            answered_by character varying(64),
            direction character varying(16) NOT NULL,
            disposition character varying(16) NOT NULL,
            started_at timestamp with time zone NOT NULL,
            answered_at timestamp with time zone,
            ended_at timestamp with time zone NOT NULL,
            talk_milliseconds bigint NOT NULL,
            sip_status integer NOT NULL,
            reason character varying(256),
            q850_cause integer,
            released_by character varying(16) NOT NULL,
            media text NOT NULL,
            CONSTRAINT pk_call_records PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_call_records_tenants FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
        ) PARTITION BY RANGE (id);

        CREATE TABLE call_records_default PARTITION OF call_records DEFAULT;

        CREATE FUNCTION cloudpbx_uuid7_boundary(month timestamp) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
            SELECT (lpad(to_hex((extract(epoch FROM month) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
        $$;

        CREATE FUNCTION cloudpbx_add_call_record_partitions(first timestamptz, months integer) RETURNS integer LANGUAGE plpgsql AS $$
        DECLARE
            month timestamp := date_trunc('month', first AT TIME ZONE 'UTC');
            part text;
            made integer := 0;
        BEGIN
            FOR i IN 1..months LOOP
                part := 'call_records_' || to_char(month, 'YYYY_MM');
                IF to_regclass(part) IS NULL THEN
                    EXECUTE format('CREATE TABLE %I PARTITION OF call_records FOR VALUES FROM (%L) TO (%L)',
                        part, cloudpbx_uuid7_boundary(month), cloudpbx_uuid7_boundary(month + interval '1 month'));
                    made := made + 1;
                END IF;
                month := month + interval '1 month';
            END LOOP;
            RETURN made;
        END
        $$;
        REVOKE EXECUTE ON FUNCTION cloudpbx_add_call_record_partitions(timestamptz, integer) FROM PUBLIC;

        SELECT cloudpbx_add_call_record_partitions(now(), {MonthsAheadAtFirst + 1});
        """);

    /// <summary>Lets the platform role add months (a second's wait for the table's lock at most: behind that wait everybody's calls and searches would wait, too), and takes away those that are far ahead and never were written to.</summary>
    public static void ExtendCallRecords(this MigrationBuilder migration) => migration.Sql(
        $"""
        CREATE OR REPLACE FUNCTION cloudpbx_add_call_record_partitions(first timestamptz, months integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
        DECLARE
            month timestamp := date_trunc('month', first AT TIME ZONE 'UTC');
            part text;
            made integer := 0;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('cloudpbx_add_call_record_partitions'));
            FOR i IN 1..least(months, 120) LOOP
                part := 'call_records_' || to_char(month, 'YYYY_MM');
                IF to_regclass('public.' || part) IS NULL THEN
                    BEGIN
                        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.call_records FOR VALUES FROM (%L) TO (%L)',
                            part, cloudpbx_uuid7_boundary(month), cloudpbx_uuid7_boundary(month + interval '1 month'));
                        made := made + 1;
                    EXCEPTION WHEN check_violation THEN
                        NULL;       -- the default partition has rows of that month already, and keeps the month
                    END;
                END IF;
                month := month + interval '1 month';
            END LOOP;
            RETURN made;
        END
        $$;
        GRANT EXECUTE ON FUNCTION cloudpbx_add_call_record_partitions(timestamptz, integer) TO {PostgresRoles.Platform};

        DO $$
        DECLARE
            part text;
        BEGIN
            FOR part IN
                SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'public.call_records'::regclass AND c.relname ~ '^call_records_\d\d\d\d_\d\d$'
                    AND c.relname > 'call_records_' || to_char((now() AT TIME ZONE 'UTC') + interval '{MonthsAhead} months', 'YYYY_MM') AND pg_relation_size(c.oid) = 0
            LOOP
                EXECUTE format('DROP TABLE public.%I', part);
            END LOOP;
        END
        $$;
        """);

    /// <summary>The former rights and months again.</summary>
    public static void StopExtendingCallRecords(this MigrationBuilder migration) => migration.Sql(
        $"""
        REVOKE EXECUTE ON FUNCTION cloudpbx_add_call_record_partitions(timestamptz, integer) FROM {PostgresRoles.Platform};
        SELECT cloudpbx_add_call_record_partitions(now(), {MonthsAheadAtFirst + 1});
        """);
}
