using Npgsql;

namespace CloudPbx.Load.Product;

/// <summary>A tenant that has much. By SQL, as the superuser whom no policy concerns: by the API it would take hours.</summary>
internal static class LargeTenant
{
    public const int FirstExtension = 10_000;

    /// <summary>Fills it.</summary>
    /// <param name="connection">The database, as a superuser.</param>
    /// <param name="tenant">The tenant, which is there and empty.</param>
    /// <param name="extensions">How many extensions it gets.</param>
    /// <param name="records">How many call records.</param>
    /// <param name="cancel">Ends it early.</param>
    public static async Task FillAsync(string connection, Guid tenant, int extensions, int records, CancellationToken cancel)
    {
        await using NpgsqlConnection open = new(connection);
        await open.OpenAsync(cancel);
        await ExecuteAsync(
            $"""
            insert into extensions (tenant_id, id, number, display_name, ring_seconds, recording, version)
            select '{tenant}', gen_random_uuid(), ({FirstExtension} + i)::text, 'Person ' || i, null, 'Off', gen_random_uuid() from generate_series(0, {extensions - 1}) i
            """);
        // Identifiers of version 7, so that each record lies in the partition of its month; a call every seven seconds up to now.
        await ExecuteAsync(
            $"""
            insert into call_records (tenant_id, id, sequence, caller_number, caller_name, called_number, answered_by, direction, trunk_number, disposition, started_at, answered_at, ended_at, talk_milliseconds, sip_status, reason, q850_cause, released_by, media)
            select '{tenant}', (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid, i,
                   ({FirstExtension} + i * 7919 % {extensions})::text, 'Person ' || i * 7919 % {extensions}, case when i % 3 = 0 then '+4930' || 1000000 + i * 31 % 90000 else ({FirstExtension} + i * 104729 % {extensions})::text end,
                   case when i % 4 > 0 then ({FirstExtension} + i * 104729 % {extensions})::text end, case when i % 3 = 0 then 'Outbound' else 'Internal' end, case when i % 3 = 0 then '+4930' || 1000000 + i * 31 % 90000 end,
                   case when i % 4 > 0 then 'Answered' else 'NoAnswer' end, at, case when i % 4 > 0 then at + interval '5 s' end, at + interval '65 s', case when i % 4 > 0 then 60000 else 0 end, case when i % 4 > 0 then 200 else 480 end,
                   'ok', case when i % 4 > 0 then 16 else 19 end, 'Caller', '[]'
            from (select i, now() - ({records} - i) * interval '7 s' as at from generate_series(1::bigint, {records}) i) calls
            """);
        await ExecuteAsync($"update tenant_sequences set last = {records} where tenant_id = '{tenant}'");
        await ExecuteAsync("vacuum analyze call_records");
        await ExecuteAsync("vacuum analyze extensions");

        async Task ExecuteAsync(string sql)
        {
            await using NpgsqlCommand command = new(sql, open) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
