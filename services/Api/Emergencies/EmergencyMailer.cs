using CloudPbx.Api.Mail;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Emergencies;

/// <summary>
/// Tells a tenant's administrators by mail that somebody of theirs calls for help, and what became of it (SECURITY.md S36). Without a mail server a line in the log has to do.
/// </summary>
/// <remarks>Thread-safe; singleton. Nobody waits for a mail: the call is made elsewhere.</remarks>
internal sealed partial class EmergencyMailer(IPbxDatabase database, UserDirectory users, IMailer mailer, PublicUrl publicUrl, TimeProvider time, ILogger<EmergencyMailer> logger)
    : EventMailer(EventTypes.CallEmergency)
{
    /// <summary>Calls that a tenant's administrators are told of in an hour: a phone that dials for help in a circle must not fill their mail. The event log has all.</summary>
    public const int MostCallsPerHour = 20;

    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_noNews = TimeSpan.FromDays(1);

    private readonly Dictionary<TenantId, Dictionary<string, DateTime>> _told = [];      // calls of the last hour; the reader's own

    /// <summary>Tells of one event.</summary>
    /// <returns>How many mails were sent.</returns>
    internal override async Task<int> TellAsync(TenantEvent happened, CancellationToken cancel)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        // What a worker tells whose bus was away for a day alarms nobody any more.
        if (now - happened.At.ToUniversalTime() > s_noNews || !MayTell(happened.TenantId, happened.Subject ?? "", now))
            return 0;
        if (!mailer.IsConfigured)
        {
            LogNoMail(happened.TenantId, happened.Subject);
            return 0;
        }
        await using PbxDbContext db = database.OpenTenant(happened.TenantId);
        if (await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } tenant)
            return 0;
        (string subject, string text) = EmergencyMail.Write(tenant.Language, tenant.Name, happened, publicUrl.At($"/t/{tenant.Name}/calls"));
        int sent = await mailer.SendToAdministratorsAsync(users, tenant.Id, subject, text, cancel);
        LogTold(tenant.Id, happened.Subject, sent);
        return sent;
    }

    // A call that was told of is told of to its end.
    private bool MayTell(TenantId tenant, string call, DateTime now)
    {
        if (!_told.TryGetValue(tenant, out Dictionary<string, DateTime>? calls))
            _told.Add(tenant, calls = []);
        foreach ((string earlier, DateTime at) in calls)
            if (now - at >= s_hour)
                calls.Remove(earlier);
        return calls.ContainsKey(call) || (calls.Count < MostCallsPerHour && calls.TryAdd(call, now));
    }

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: {Count} administrators were told by mail of the emergency call {CallId}")]
    private partial void LogTold(TenantId tenantId, string? callId, int count);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: an emergency call, {CallId}; no mail server is set (Mail:Host), so nobody is told by mail")]
    private partial void LogNoMail(TenantId tenantId, string? callId);

    [LoggerMessage(LogLevel.Error, "Tenant {TenantId}: its administrators were not told of the emergency call {Subject}: {Fault}")]
    protected override partial void LogNotTold(TenantId tenantId, string? subject, string fault);
}
