using CloudPbx.Api.Mail;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Limits;

/// <summary>
/// Tells a tenant's administrators by mail that one of its limits acted: for each limit once a day (UTC). Which event is the first of its day the event log says, so that several
/// processes send one mail together. Without a mail server a line in the log has to do.
/// </summary>
internal sealed partial class LimitMailer(IPbxDatabase database, UserDirectory users, IMailer mailer, PublicUrl publicUrl, TimeProvider time, ILogger<LimitMailer> logger)
    : EventMailer(EventTypes.LimitReached)
{
    private readonly HashSet<(TenantId Tenant, string Rule)> _told = [];             // of the present day; the reader's own
    private DateOnly _day;

    /// <summary>Tells of one event, unless its limit was told of that day.</summary>
    /// <returns>How many mails were sent.</returns>
    internal override async Task<int> TellAsync(TenantEvent happened, CancellationToken cancel)
    {
        string rule = happened.Subject ?? "";
        DateTime day = happened.At.ToUniversalTime().Date;
        DateOnly today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (_day != today)
            _told.Clear();
        _day = today;
        // An event that comes late, of a worker whose bus was away for a day, is no news any more.
        if (DateOnly.FromDateTime(day) != today || !_told.Add((happened.TenantId, rule)))
            return 0;
        await using PbxDbContext db = database.OpenTenant(happened.TenantId);
        Guid first = await db.EventLog.Where(e => e.At >= day && e.Type == EventTypes.LimitReached && e.Subject == rule).OrderBy(e => e.Sequence).Select(e => e.Id).FirstOrDefaultAsync(cancel);
        if (first != happened.Id || await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } tenant)
            return 0;
        if (!mailer.IsConfigured)
        {
            LogNoMail(happened.TenantId, rule);
            return 0;
        }
        return await SendAsync(tenant, happened, cancel);
    }

    private async Task<int> SendAsync(Tenant tenant, TenantEvent happened, CancellationToken cancel)
    {
        (string subject, string text) = LimitMail.Write(tenant.Language, tenant.Name, happened, publicUrl.At($"/t/{tenant.Name}/settings"));
        int sent = await mailer.SendToAdministratorsAsync(users, tenant.Id, subject, text, cancel);
        LogTold(tenant.Id, happened.Subject, sent);
        return sent;
    }

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId}: {Count} administrators were told by mail of the limit {Rule}")]
    private partial void LogTold(TenantId tenantId, string? rule, int count);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: the limit {Rule} acted; no mail server is set (Mail:Host), so nobody is told by mail")]
    private partial void LogNoMail(TenantId tenantId, string rule);

    [LoggerMessage(LogLevel.Error, "Tenant {TenantId}: its administrators were not told of the limit {Subject}: {Fault}")]
    protected override partial void LogNotTold(TenantId tenantId, string? subject, string fault);
}
