using System.Security.Cryptography;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Devices;

/// <summary>Phones in browsers: devices that whoever is signed in makes for the browser before them, with a password that nobody reads and that ends by itself.</summary>
internal static class BrowserPhoneEndpoints
{
    /// <summary>How long a browser's password is good without being asked for again.</summary>
    internal static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>More browsers than these have been forgotten by their owner: the oldest go.</summary>
    private const int MostOfExtension = 8;

    public static void MapBrowserPhones(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/browser-phones").WithTags("Devices");
        group.MapPost("/", CreateAsync).For(UserRole.User).WithName("CreateBrowserPhone").Takes<NewBrowserPhone>()
            .WithSummary("Makes an extension's phone in a browser: an account for SIP over WebSocket that ends after a day unless it is renewed.");
        group.MapPost("/{device}/secret", RenewAsync).For(UserRole.User).WithName("RenewBrowserPhone").WithSummary("Gives a browser a new password and a new day, for a page that was loaded again.");
        group.MapPost("/{device}/renewal", ProlongAsync).For(UserRole.User).WithName("ProlongBrowserPhone").WithSummary("Gives a browser a new day with the password that it has.");
        group.MapDelete("/{device}", DeleteAsync).For(UserRole.User).WithName("DeleteBrowserPhone").WithSummary("Ends a browser's account: its phone is signed out.");
    }

    internal static async Task<Results<Created<BrowserPhoneDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, Caller caller, TenantContext tenant, PbxDbContext db, TenantKeyring keyring, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string number = reader.Required("extension", Rules.ExtensionNumber);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        // Another's extension is none, to a user.
        if ((caller.OwnNumber is { } own && own != number) || await db.Extensions.SingleOrDefaultAsync(e => e.Number == number, cancel) is not { } extension)
            return DeviceEndpoints.NoExtension();
        DateTime now = time.GetUtcNow().UtcDateTime;
        await ForgetAsync(db, extension, now, cancel);
        DeviceId id = DeviceId.New();
        string secret = SipSecret.Generate();
        Device device = new()
        {
            Id = id,
            TenantId = tenant.TenantId,
            ExtensionId = extension.Id,
            Name = "Browser",
            AuthUser = $"{number}.web-{RandomNumberGenerator.GetString(SipSecret.Alphabet, 10)}",
            SealedSecret = DeviceSecret.Seal(keyring, (await db.TenantKeys.SingleAsync(cancel)).ToKey(), id, secret),
            Encryption = SrtpPolicy.Required,                     // browsers know nothing else (RFC 8827 §6.5)
            ExpiresAt = now + Life,
        };
        db.Devices.Add(device);
        if (await SaveAsync(change, device, $"phone in a browser for extension {number} created", announcer, now, cancel) is { } refused)
            return refused;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, await ToDtoAsync(db, device, extension, secret, cancel));
    }

    internal static async Task<Results<Ok<BrowserPhoneDto>, ProblemHttpResult>> RenewAsync(
        string device, HttpContext http, Caller caller, PbxDbContext db, TenantKeyring keyring, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await FindAsync(db, device, caller, cancel) is not { } row)
            return Missing();
        string secret = SipSecret.Generate();
        DateTime now = time.GetUtcNow().UtcDateTime;
        row.SealedSecret = DeviceSecret.Seal(keyring, (await db.TenantKeys.SingleAsync(cancel)).ToKey(), row.Id, secret);
        row.ExpiresAt = now + Life;
        if (await SaveAsync(change, row, $"phone in a browser {row.AuthUser} renewed", announcer, now, cancel) is { } refused)
            return refused;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await ToDtoAsync(db, row, null, secret, cancel));
    }

    internal static async Task<Results<Ok<BrowserPhoneDto>, ProblemHttpResult>> ProlongAsync(
        string device, Caller caller, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await FindAsync(db, device, caller, cancel) is not { } row)
            return Missing();
        DateTime now = time.GetUtcNow().UtcDateTime;
        row.ExpiresAt = now + Life;
        return await SaveAsync(change, row, $"phone in a browser {row.AuthUser} prolonged", announcer, now, cancel) is { } refused
            ? refused : TypedResults.Ok(await ToDtoAsync(db, row, null, null, cancel));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string device, Caller caller, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await FindAsync(db, device, caller, cancel) is not { } row)
            return Missing();
        db.Devices.Remove(row);
        return await SaveAsync(change, row, $"phone in a browser {row.AuthUser} deleted", announcer, time.GetUtcNow().UtcDateTime, cancel) is { } refused ? refused : TypedResults.NoContent();
    }

    /// <summary>Takes away what has ended by itself, and the oldest where there are too many.</summary>
    private static async Task ForgetAsync(PbxDbContext db, Extension extension, DateTime now, CancellationToken cancel)
    {
        List<Device> browsers = await db.Devices.Where(d => d.ExtensionId == extension.Id && d.ExpiresAt != null).OrderByDescending(d => d.ExpiresAt).ToListAsync(cancel);
        db.Devices.RemoveRange(browsers.Where((browser, i) => browser.ExpiresAt <= now || i >= MostOfExtension - 1));
    }

    private static async Task<ProblemHttpResult?> SaveAsync(
        ConfigurationChange change, Device row, string what, ConfigurationAnnouncer announcer, DateTime now, CancellationToken cancel)
    {
        SaveOutcome outcome = await change.TrySaveAsync(what, now, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.UsersChangedAsync(row.TenantId, change.Version);
        return null;
    }

    /// <summary>A browser's device; to a user only one of the own extension.</summary>
    private static async Task<Device?> FindAsync(PbxDbContext db, string device, Caller caller, CancellationToken cancel) =>
        DeviceId.TryParse(device, out DeviceId id) && await db.Devices.SingleOrDefaultAsync(d => d.Id == id && d.ExpiresAt != null, cancel) is { } row
        && (caller.OwnNumber is null || row.ExtensionId == caller.ExtensionId) ? row : null;

    private static async Task<BrowserPhoneDto> ToDtoAsync(PbxDbContext db, Device device, Extension? extension, string? secret, CancellationToken cancel)
    {
        extension ??= await db.Extensions.AsNoTracking().SingleAsync(e => e.Id == device.ExtensionId, cancel);
        string? domain = await db.Domains.OrderBy(d => d.Position).Select(d => d.Name).FirstOrDefaultAsync(cancel);
        return new BrowserPhoneDto
        {
            Id = device.Id,
            Extension = extension.Number,
            DisplayName = extension.DisplayName,
            AuthUser = device.AuthUser,
            Secret = secret,
            Domain = domain,
            ExpiresAt = device.ExpiresAt!.Value,
        };
    }

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such device.");
}
