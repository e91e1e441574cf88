using System.Net;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Domains;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Audit;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Devices;

/// <summary>
/// Phones fetch their accounts from links that are random, short-lived and good for one address (SECURITY.md S28). Each fetch gives the phone a new password, so that whoever saw
/// an earlier one is out. What is not there, is over, or is another's answers alike.
/// </summary>
internal static partial class ProvisioningEndpoints
{
    public static void MapProvisioning(this RouteGroupBuilder tenant) =>
        tenant.MapPost("/devices/{device}/provisioning", CreateAsync).For(UserRole.User).WithName("ProvisionDevice").WithTags("Devices").Takes<NewProvisioningLink>()
            .WithSummary("Makes an address from which one phone fetches its account, with a new password, once and soon. A new address ends the one before.");

    /// <summary>The links themselves.</summary>
    public static void MapProvisioningLinks(this RouteGroupBuilder open) => open.MapGet("/provisioning/{token}", FetchAsync).WithTags("Devices").WithName("FetchProvisioning").AllowAnonymous()
        .WithSummary("A phone's account in the form of Linphone's remote provisioning.").Produces<string>(StatusCodes.Status200OK, "application/xml").ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<Results<Created<ProvisioningLinkDto>, ProblemHttpResult>> CreateAsync(
        string device, JsonBody body, HttpContext http, Caller caller, TenantContext tenant, PbxDbContext db, PublicUrl publicUrl, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        int? seconds = reader.OptionalInteger("seconds", ProvisioningLinks.LeastSeconds, ProvisioningLinks.MostSeconds);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (!DeviceId.TryParse(device, out DeviceId id) || await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id && d.ExpiresAt == null, cancel) is not { } row
            || (caller.OwnNumber is not null && row.ExtensionId != caller.ExtensionId))
            return Answers.NotFound("This tenant has no such device.");
        DateTime expires = time.GetUtcNow().UtcDateTime.AddSeconds(seconds ?? ProvisioningLinks.DefaultSeconds);
        (ProvisioningLink link, string token) = ProvisioningLinks.Make(tenant.TenantId, id, expires);
        if (await db.ProvisioningLinks.SingleOrDefaultAsync(l => l.DeviceId == id, cancel) is { } before)
            (before.SecretHash, before.ExpiresAt, before.FetchedFrom, before.Fetches) = (link.SecretHash, link.ExpiresAt, null, 0);
        else
            db.ProvisioningLinks.Add(link);
        SaveOutcome outcome = await db.TrySaveAsync(cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, new ProvisioningLinkDto(publicUrl.At(ProvisioningLinks.Path + token), expires));
    }

    internal static async Task<Results<ContentHttpResult, ProblemHttpResult>> FetchAsync(
        string token, HttpContext http, TenantContext tenant, ProvisioningGuard guard, SipAccess sip, TenantKeyring keyring, ConfigurationAnnouncer announcer, TimeProvider time,
        ILoggerFactory loggers, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-store";
        IPAddress? source = ForwardedVisitor.AddressOf(http);
        if (guard.IsShutOut(source))
            return Nothing();
        if (ProvisioningLinks.Read(token) is { } link)
        {
            tenant.Enter(link.Tenant);
            PbxDbContext db = http.RequestServices.GetRequiredService<PbxDbContext>();
            DateTime now = time.GetUtcNow().UtcDateTime;
            // Looked at before anything is locked: guesses must not make a tenant's writers wait.
            if (await db.ProvisioningLinks.AnyAsync(l => l.SecretHash == link.SecretHash && l.ExpiresAt > now, cancel)
                && await TakeAsync(db, link.SecretHash, source?.ToString() ?? "", keyring, now, cancel) is { } taken)
            {
                await announcer.CallsChangedAsync(link.Tenant, taken.Version);
                LogFetched(loggers.CreateLogger("CloudPbx.Api.Devices"), taken.Device.Id, link.Tenant, source);
                string realm = await db.Domains.OrderBy(d => d.Position).Select(d => d.Name).FirstOrDefaultAsync(cancel) ?? ServerOf(sip, http);
                return TypedResults.Text(LinphoneSettings.Write(taken.Device.AuthUser, taken.Secret, taken.DisplayName, realm, ServerOf(sip, http), sip.TlsPort), "application/xml");
            }
        }
        guard.Missed(source);
        return Nothing();
    }

    /// <summary>Gives the phone its new password, unless the link is over or another address has fetched it.</summary>
    private static async Task<(Device Device, string DisplayName, string Secret, long Version)?> TakeAsync(
        PbxDbContext db, byte[] hash, string source, TenantKeyring keyring, DateTime now, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);     // of two fetches at once the second sees what the first has done
        if (change is null || await db.ProvisioningLinks.SingleOrDefaultAsync(l => l.SecretHash == hash, cancel) is not { } link)
            return null;
        if (link.ExpiresAt <= now || link.Fetches >= ProvisioningLinks.MostFetches || (link.FetchedFrom is { } first && first != source))
            return null;
        if (await db.Devices.SingleOrDefaultAsync(d => d.Id == link.DeviceId, cancel) is not { } device)
            return null;
        string secret = SipSecret.Generate(), name = await db.Extensions.Where(e => e.Id == device.ExtensionId).Select(e => e.DisplayName).SingleAsync(cancel);
        device.SealedSecret = DeviceSecret.Seal(keyring, (await db.TenantKeys.SingleAsync(cancel)).ToKey(), device.Id, secret);
        (link.FetchedFrom, link.Fetches) = (source, link.Fetches + 1);
        db.AuditEntries.Add(new AuditEntry
        {
            TenantId = link.TenantId, Id = Guid.CreateVersion7(), At = now, Actor = $"device:{device.Id}", ActorName = device.AuthUser, Action = "FetchProvisioning",
            Target = $"/v1/tenants/{link.TenantId}/devices/{device.Id}/provisioning", Status = StatusCodes.Status200OK, Address = source.Length == 0 ? null : source,
        });
        return await change.TrySaveAsync($"password of device {device.AuthUser} renewed: its phone fetched the account", now, cancel) == SaveOutcome.Saved ? (device, name, secret, change.Version) : null;
    }

    /// <summary>The server that the phone connects to: where the platform names none that a phone could reach, the host by which this phone has reached us.</summary>
    private static string ServerOf(SipAccess sip, HttpContext http)
    {
        bool isLocal = sip.Host == "localhost" || (IPAddress.TryParse(sip.Host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
        return isLocal && Uri.CheckHostName(http.Request.Host.Host.Trim('[', ']')) != UriHostNameType.Unknown ? http.Request.Host.Host : sip.Host;
    }

    private static ProblemHttpResult Nothing() => Answers.NotFound("There is nothing here, or not any more. Ask for a new link.");

    [LoggerMessage(LogLevel.Information, "The phone of device {DeviceId} of tenant {TenantId} fetched its account from {Source}; its password is new")]
    private static partial void LogFetched(ILogger logger, DeviceId deviceId, TenantId tenantId, IPAddress? source);
}
