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
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Devices;

/// <summary>The devices of a tenant. A password is told when it is set, and never again.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/devices").WithTags("Devices");
        group.MapGet("/", ListAsync).For(UserRole.User).WithName("ListDevices").WithSummary("Lists devices by user name.")
            .WithMetadata([new QueryParameter("extension", "Only devices of the extension of this number."), .. QueryParameter.Page]);
        group.MapGet("/{device}", GetAsync).For(UserRole.User).WithName("GetDevice");
        group.MapPost("/", CreateAsync).WithName("CreateDevice").Takes<NewDevice>();
        group.MapPut("/{device}", ChangeAsync).WithName("ChangeDevice").Takes<NewDevice>();
        group.MapPost("/{device}/secret", RenewSecretAsync).For(UserRole.User).WithName("RenewDeviceSecret").WithSummary("Generates a new password; the phone must be told.");
        group.MapDelete("/{device}", DeleteAsync).WithName("DeleteDevice");
    }

    internal static async Task<Results<Ok<Page<DeviceDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        var devices = db.Devices.AsNoTracking().Join(db.Extensions, d => d.ExtensionId, e => e.Id, (d, e) => new { Device = d, e.Number });
        if (request.Query["extension"].ToString() is { Length: > 0 } extension)
            devices = devices.Where(d => d.Number == extension);
        if (caller.OwnNumber is { } own)
            devices = devices.Where(d => d.Number == own);
        if (page.After is { } after)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
            devices = devices.Where(d => string.Compare(d.Device.AuthUser, after) > 0);
#pragma warning restore CA1309
        var found = await devices.OrderBy(d => d.Device.AuthUser).Take(page.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(new Page<DeviceDto>(
            [.. found.Take(page.Limit).Select(d => d.Device.ToDto(d.Number))], found.Count > page.Limit ? found[page.Limit - 1].Device.AuthUser : null));
    }

    internal static async Task<Results<Ok<DeviceDto>, ProblemHttpResult>> GetAsync(string device, HttpContext http, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(db, device, cancel) is not { } row || !IsFor(caller, row))
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(await NumberAsync(db, row, cancel)));
    }

    internal static async Task<Results<CreatedAtRoute<DeviceDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, TenantKeyring keyring, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewDevice wish = reader.ReadDevice();
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        if (await db.Extensions.SingleOrDefaultAsync(e => e.Number == wish.Extension, cancel) is not { } extension)
            return NoExtension();
        WrappedTenantKey key = await db.TenantKeys.SingleAsync(cancel);
        string secret = wish.Secret ?? SipSecret.Generate();
        DeviceId id = DeviceId.New();
        Device device = new()
        {
            Id = id,
            TenantId = tenant.TenantId,
            ExtensionId = extension.Id,
            Name = wish.Name ?? Rules.DefaultDeviceName,
            AuthUser = wish.AuthUser ?? wish.Extension,
            SealedSecret = DeviceSecret.Seal(keyring, key.ToKey(), id, secret),
            Encryption = wish.Encryption ?? SrtpPolicy.Optional,
            DigestSha256 = wish.DigestSha256 ?? false,
        };
        db.Devices.Add(device);
        SaveOutcome outcome = await change.TrySaveAsync($"device {device.AuthUser} created", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? UserTaken() : Answers.Refused(outcome);
        await announcer.UsersChangedAsync(tenant.TenantId, change.Version);
        EntityTags.Write(http, device);
        return TypedResults.CreatedAtRoute(
            device.ToDto(extension.Number, secret), "GetDevice", new { tenant = tenant.TenantId.ToString(), device = device.Id.ToString() });
    }

    internal static async Task<Results<Ok<DeviceDto>, ProblemHttpResult>> ChangeAsync(
        string device, HttpContext http, JsonBody body, PbxDbContext db, TenantKeyring keyring, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewDevice wish = reader.ReadDevice();
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await FindAsync(db, device, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (await db.Extensions.SingleOrDefaultAsync(e => e.Number == wish.Extension, cancel) is not { } extension)
            return NoExtension();
        row.ExtensionId = extension.Id;
        row.Name = wish.Name ?? Rules.DefaultDeviceName;
        row.AuthUser = wish.AuthUser ?? wish.Extension;
        row.Encryption = wish.Encryption ?? SrtpPolicy.Optional;
        row.DigestSha256 = wish.DigestSha256 ?? false;
        if (wish.Secret is { } secret)
            row.SealedSecret = DeviceSecret.Seal(keyring, (await db.TenantKeys.SingleAsync(cancel)).ToKey(), row.Id, secret);
        return await SaveAsync(change, http, db, row, $"device {row.AuthUser} changed", wish.Secret, announcer, time, cancel);
    }

    internal static async Task<Results<Ok<DeviceDto>, ProblemHttpResult>> RenewSecretAsync(
        string device, HttpContext http, Caller caller, PbxDbContext db, TenantKeyring keyring, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await FindAsync(db, device, cancel) is not { } row || !IsFor(caller, row))
            return Missing();
        string secret = SipSecret.Generate();
        row.SealedSecret = DeviceSecret.Seal(keyring, (await db.TenantKeys.SingleAsync(cancel)).ToKey(), row.Id, secret);
        return await SaveAsync(change, http, db, row, $"password of device {row.AuthUser} renewed", secret, announcer, time, cancel);
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string device, HttpContext http, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await FindAsync(db, device, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        db.Devices.Remove(row);
        SaveOutcome outcome = await change.TrySaveAsync($"device {row.AuthUser} deleted", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.UsersChangedAsync(row.TenantId, change.Version);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<DeviceDto>, ProblemHttpResult>> SaveAsync(
        ConfigurationChange change, HttpContext http, PbxDbContext db, Device row, string what, string? secret,
        ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        SaveOutcome outcome = await change.TrySaveAsync(what, time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? UserTaken() : Answers.Refused(outcome);
        await announcer.UsersChangedAsync(row.TenantId, change.Version);
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(await NumberAsync(db, row, cancel), secret));
    }

    private static async Task<Device?> FindAsync(PbxDbContext db, string device, CancellationToken cancel) =>
        DeviceId.TryParse(device, out DeviceId id) ? await db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) : null;

    /// <summary>A user's own phones only; everybody above sees them all.</summary>
    private static bool IsFor(Caller caller, Device row) => caller.OwnNumber is null || row.ExtensionId == caller.ExtensionId;

    private static Task<string> NumberAsync(PbxDbContext db, Device row, CancellationToken cancel) =>
        db.Extensions.Where(e => e.Id == row.ExtensionId).Select(e => e.Number).SingleAsync(cancel);

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such device.");

    internal static ProblemHttpResult NoExtension() => Answers.Invalid(
        new Dictionary<string, string[]> { ["$.extension"] = ["The tenant has no extension of this number: create it first."] });

    private static ProblemHttpResult UserTaken() => Answers.Taken("$.authUser", "The tenant has a device with this user name: choose another.");
}
