using System.Globalization;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Plans;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Tenants;

/// <summary>What a tenant used in a month, counted from its call records.</summary>
internal static class TenantUsage
{
    public static QueryParameter Month { get; } = new("month", "Which month (UTC), as 2026-11; the present one if absent.");

    /// <summary>The first instant of the month that is asked for.</summary>
    public static DateTime ReadMonth(HttpRequest request, TimeProvider time, RequestErrors errors)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        if (request.Query["month"].ToString() is not { Length: > 0 } text)
            return new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        if (DateTime.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime month))
            return month;
        errors.Add("month", "Must be a month such as 2026-11.");
        return default;
    }

    public static async Task<UsageDto> ReadAsync(PbxDbContext db, Tenant tenant, DateTime month, CancellationToken cancel)
    {
        DateTime end = month.AddMonths(1);
        var sums = await db.CallRecords.Where(r => r.StartedAt >= month && r.StartedAt < end)
            .GroupBy(r => new { r.Direction, r.Disposition })
            .Select(g => new { g.Key.Direction, g.Key.Disposition, Calls = g.Count(), Talk = g.Sum(r => r.TalkMilliseconds) })
            .ToListAsync(cancel);
        long Seconds(CallDirection direction) => sums.Where(s => s.Direction == direction).Sum(s => s.Talk) / 1000;
        return new UsageDto
        {
            TenantId = tenant.Id,
            Tenant = tenant.Name,
            Month = month.ToString("yyyy-MM", CultureInfo.InvariantCulture),
            Extensions = await db.Extensions.CountAsync(cancel),
            Calls = sums.Sum(s => s.Calls),
            AnsweredCalls = sums.Where(s => s.Disposition == CallDisposition.Answered).Sum(s => s.Calls),
            InternalSeconds = Seconds(CallDirection.Internal),
            InboundSeconds = Seconds(CallDirection.Inbound),
            OutboundSeconds = Seconds(CallDirection.Outbound),
            StorageOctets = await StorageUse.OctetsAsync(db, cancel),
        };
    }
}
