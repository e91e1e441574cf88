using CloudPbx.Api.Bodies;
using CloudPbx.Api.Devices;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Tenants;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.SignUps;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.SignUps;

/// <summary>Makes the tenant of a confirmed sign-up: domain, first extension with its phone, first administrator.</summary>
/// <remarks>Scoped; one use.</remarks>
internal sealed class SignUpCompletion(
    TenantContext context, PbxDbContext db, TenantKeyring keyring, SignUpStore signUps, ResellerStore plans, PlatformSettingsStore settings, UserDirectory users, OneTimeLinks links, PublicUrl publicUrl,
    ConfigurationAnnouncer announcer, IOptions<SignUpOptions> options, TimeProvider time)
{
    private const string FirstExtension = "100";
    private static readonly TimeSpan s_linkLife = TimeSpan.FromHours(24);

    public async Task<(SignedUpDto? Done, ProblemHttpResult? Refused)> CompleteAsync(GlobalSignUp signUp, CancellationToken cancel)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        GlobalPlan? plan = signUp.Plan is { } name ? await plans.FindPlanAsync(name, cancel) : null;
        if (await users.ExistsAsync(signUp.Email, cancel))
            return (null, Answers.Taken("$.token", "Somebody signs in by this mail address by now. Sign in instead."));
        string domain = SignUpEndpoints.DomainOf(signUp.TenantName, options.Value), secret = SipSecret.Generate();
        context.Enter(TenantId.New());
        (Tenant tenant, TenantKey key) = db.AddTenant(keyring, signUp.TenantName, signUp.Language, now, (await settings.GetAsync(cancel)).EmergencyNumbers);
        tenant.DisplayName = signUp.Company;
        tenant.Apply(plan, now);
        await TenantPlanEndpoints.GiveOutsideAsync(db, tenant, plan, cancel);
        db.Domains.Add(new TenantDomain { Id = DomainId.New(), TenantId = tenant.Id, Name = domain, Position = 0 });
        Extension extension = new() { Id = ExtensionId.New(), TenantId = tenant.Id, Number = FirstExtension, DisplayName = signUp.DisplayName };
        db.Extensions.Add(extension);
        var device = DeviceId.New();
        db.Devices.Add(new Device
        {
            Id = device, TenantId = tenant.Id, ExtensionId = extension.Id, Name = Rules.DefaultDeviceName, AuthUser = FirstExtension,
            SealedSecret = DeviceSecret.Seal(keyring, key, device, secret),
        });
        (ProvisioningLink fetch, string token) = ProvisioningLinks.Make(tenant.Id, device, now.AddSeconds(ProvisioningLinks.DefaultSeconds));
        db.ProvisioningLinks.Add(fetch);
        // Taken before it is done: of two who answer the same mail at once, one makes the tenant.
        if (!await signUps.TryTakeAsync(signUp, cancel))
            return (null, Answers.NotFound("This link was used already. Sign in instead."));
        if (await db.TrySaveAsync(cancel) != SaveOutcome.Saved)
            return (null, Answers.Taken("$.token", "Another tenant took this name meanwhile: sign up again with another."));
        GlobalUser administrator = UserDirectory.New(UserOwner.Of(tenant.Id), UserRole.Administrator, signUp.Email, signUp.DisplayName, null, now);
        administrator.EmailConfirmed = true;                                            // the mail was answered
        if (await users.AddAsync(administrator, cancel) != SaveOutcome.Saved)
            return (null, Answers.Taken("$.token", "Somebody signs in by this mail address by now. Sign in instead."));
        string link = publicUrl.At(OneTimeLinks.Path + await links.CreateAsync(administrator.Id, s_linkLife, cancel));
        await announcer.ChangedAsync(tenant.Id, tenant.ConfigVersion);
        return (new SignedUpDto
        {
            Tenant = tenant.ToDto(), Domain = domain, Extension = FirstExtension, SipUser = FirstExtension, SipPassword = secret, PasswordLink = link, ProvisioningUrl = publicUrl.At(ProvisioningLinks.Path + token), TrialEndsAt = tenant.TrialEndsAt,
        }, null);
    }
}
