using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Portal.ApiClient;

/// <summary>What the API has of one tenant.</summary>
/// <remarks>Every method throws <see cref="ApiProblemException"/> and nothing else but a cancellation.</remarks>
public sealed class TenantApi : OwnerApi
{
    private readonly PbxApi _api;
    private readonly string _path;

    internal TenantApi(PbxApi api, string path)
        : base(api, path) => (_api, _path) = (api, path);

    /// <summary>The tenant itself.</summary>
    public Task<Versioned<TenantDto>> GetAsync(CancellationToken cancel) => _api.GetVersionedAsync<TenantDto>(_path, cancel);

    /// <summary>Changes the tenant.</summary>
    public Task<TenantDto> ChangeAsync(NewTenant wish, string? etag, CancellationToken cancel) => _api.SendAsync<TenantDto>(HttpMethod.Put, _path, wish, cancel, etag);

    /// <summary>Deletes the tenant with all it has.</summary>
    public Task DeleteAsync(CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, _path, null, cancel);

    /// <summary>The SIP domains that phones can use, the realm first.</summary>
    public async Task<IReadOnlyList<DomainDto>> DomainsAsync(CancellationToken cancel) => [.. (await AllDomainsAsync(cancel)).Where(domain => domain.Proven)];

    /// <summary>Its SIP domains, and at the end those that are not proven.</summary>
    public async Task<IReadOnlyList<DomainDto>> AllDomainsAsync(CancellationToken cancel) => (await _api.GetAsync<Page<DomainDto>>($"{_path}/domains", cancel)).Items;

    /// <summary>A domain with what to create in DNS.</summary>
    public Task<DomainDto> DomainAsync(string domain, CancellationToken cancel) => _api.GetAsync<DomainDto>(Domain(domain), cancel);

    /// <summary>Adds a domain.</summary>
    public Task<DomainDto> AddDomainAsync(NewDomain domain, CancellationToken cancel) => _api.SendAsync<DomainDto>(HttpMethod.Post, $"{_path}/domains", domain, cancel);

    /// <summary>Asks DNS about a domain.</summary>
    public Task<DomainCheckDto> CheckDomainAsync(string domain, CancellationToken cancel) => _api.SendAsync<DomainCheckDto>(HttpMethod.Post, $"{Domain(domain)}/check", null, cancel);

    /// <summary>Removes a domain.</summary>
    public Task RemoveDomainAsync(string domain, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Domain(domain), null, cancel);

    /// <summary>Its own sounds, by name.</summary>
    public async Task<IReadOnlyList<PromptDto>> PromptsAsync(CancellationToken cancel) => (await _api.GetAsync<Page<PromptDto>>($"{_path}/prompts", cancel)).Items;

    /// <summary>Uploads a WAV file under a name, in place of an earlier one.</summary>
    public Task<PromptDto> PutPromptAsync(string name, Stream wave, CancellationToken cancel) => _api.SendFileAsync<PromptDto>(HttpMethod.Put, Prompt(name), wave, "audio/wav", cancel);

    /// <summary>Deletes a sound of its own.</summary>
    public Task DeletePromptAsync(string name, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Prompt(name), null, cancel);

    /// <summary>Makes an address from which a phone fetches its account, once.</summary>
    public Task<ProvisioningLinkDto> ProvisionAsync(DeviceId device, CancellationToken cancel) =>
        _api.SendAsync<ProvisioningLinkDto>(HttpMethod.Post, $"{_path}/devices/{device}/provisioning", new NewProvisioningLink(), cancel);

    /// <summary>Opens a sound of its own. The caller disposes it.</summary>
    internal Task<HttpResponseMessage> OpenPromptAsync(string name, string? range, CancellationToken cancel) => _api.OpenAsync($"{Prompt(name)}/audio", cancel, range);

    /// <summary>Opens the whole tenant as one file. The caller disposes it.</summary>
    internal Task<HttpResponseMessage> OpenArchiveAsync(CancellationToken cancel) => _api.OpenAsync($"{_path}/archive", cancel);

    private string Prompt(string name) => $"{_path}/prompts/{Uri.EscapeDataString(name)}";

    /// <summary>A page of its extensions, by number.</summary>
    /// <param name="after">Where the page begins.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <param name="search">The beginning of a number, or a part of a name.</param>
    public Task<Page<ExtensionDto>> ExtensionsAsync(string? after, CancellationToken cancel, string? search = null) =>
        _api.GetAsync<Page<ExtensionDto>>(PbxApi.PageOf($"{_path}/extensions{(string.IsNullOrWhiteSpace(search) ? "" : "?search=" + Uri.EscapeDataString(search.Trim()))}", after), cancel);

    /// <summary>Creates or changes many extensions.</summary>
    /// <param name="csv">The rows.</param>
    /// <param name="change">Whether those that exist are changed.</param>
    /// <param name="dryRun">Whether nothing is done.</param>
    /// <param name="cancel">Stops the wait.</param>
    public Task<BulkReport> BulkExtensionsAsync(string csv, bool change, bool dryRun, CancellationToken cancel) => _api.SendTextAsync<BulkReport>(
        HttpMethod.Post, $"{_path}/extensions/bulk?existing={(change ? "change" : "refuse")}&dryRun={(dryRun ? "true" : "false")}", csv, "text/csv", cancel);

    /// <summary>All extensions and phones in CSV.</summary>
    public Task<string> ExportExtensionsAsync(CancellationToken cancel) => _api.GetTextAsync($"{_path}/extensions/export", cancel);

    /// <summary>A page of its conference rooms, by number.</summary>
    public Task<Page<ConferenceDto>> ConferencesAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<ConferenceDto>>(PbxApi.PageOf($"{_path}/conferences", after), cancel);

    /// <summary>Creates a conference room.</summary>
    public Task<ConferenceDto> CreateConferenceAsync(ConferenceDocument wish, CancellationToken cancel) => _api.SendAsync<ConferenceDto>(HttpMethod.Post, $"{_path}/conferences", wish, cancel);

    /// <summary>Changes a conference room.</summary>
    public Task<ConferenceDto> ChangeConferenceAsync(string number, ConferenceDocument wish, CancellationToken cancel) =>
        _api.SendAsync<ConferenceDto>(HttpMethod.Put, $"{_path}/conferences/{Uri.EscapeDataString(number)}", wish, cancel);

    /// <summary>Deletes a conference room.</summary>
    public Task DeleteConferenceAsync(string number, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/conferences/{Uri.EscapeDataString(number)}", null, cancel);

    /// <summary>One extension.</summary>
    public Task<Versioned<ExtensionDto>> ExtensionAsync(string number, CancellationToken cancel) => _api.GetVersionedAsync<ExtensionDto>(Extension(number), cancel);

    /// <summary>Creates an extension.</summary>
    public Task<ExtensionDto> CreateExtensionAsync(NewExtension wish, CancellationToken cancel) => _api.SendAsync<ExtensionDto>(HttpMethod.Post, $"{_path}/extensions", wish, cancel);

    /// <summary>Changes an extension.</summary>
    public Task<ExtensionDto> ChangeExtensionAsync(string number, NewExtension wish, string? etag, CancellationToken cancel) =>
        _api.SendAsync<ExtensionDto>(HttpMethod.Put, Extension(number), wish, cancel, etag);

    /// <summary>Says where an extension sends its calls on from now on.</summary>
    public Task<CallForwards> ChangeForwardsAsync(string number, CallForwards wish, string? etag, CancellationToken cancel) =>
        _api.SendAsync<CallForwards>(HttpMethod.Put, $"{Extension(number)}/forwards", wish, cancel, etag);

    /// <summary>Deletes an extension with its devices.</summary>
    public Task DeleteExtensionAsync(string number, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Extension(number), null, cancel);

    /// <summary>A page of its devices.</summary>
    public Task<Page<DeviceDto>> DevicesAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<DeviceDto>>(PbxApi.PageOf($"{_path}/devices", after, 200), cancel);

    /// <summary>All devices of one extension.</summary>
    public async Task<IReadOnlyList<DeviceDto>> DevicesOfAsync(string extension, CancellationToken cancel) =>
        (await _api.GetAsync<Page<DeviceDto>>(PbxApi.PageOf($"{_path}/devices?extension={Uri.EscapeDataString(extension)}", null, 1000), cancel)).Items;

    /// <summary>Adds a device; the answer has its password.</summary>
    public Task<DeviceDto> CreateDeviceAsync(NewDevice wish, CancellationToken cancel) => _api.SendAsync<DeviceDto>(HttpMethod.Post, $"{_path}/devices", wish, cancel);

    /// <summary>Changes a device.</summary>
    public Task<DeviceDto> ChangeDeviceAsync(DeviceId device, NewDevice wish, CancellationToken cancel) =>
        _api.SendAsync<DeviceDto>(HttpMethod.Put, $"{_path}/devices/{device}", wish, cancel);

    /// <summary>Removes a device; its phone is signed out.</summary>
    public Task DeleteDeviceAsync(DeviceId device, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/devices/{device}", null, cancel);

    /// <summary>Gives a device a new password, which the answer has.</summary>
    public Task<DeviceDto> NewSecretAsync(DeviceId device, CancellationToken cancel) => _api.SendAsync<DeviceDto>(HttpMethod.Post, $"{_path}/devices/{device}/secret", null, cancel);

    /// <summary>Makes an extension's phone in a browser; the answer has its password.</summary>
    public Task<BrowserPhoneDto> CreateBrowserPhoneAsync(string extension, CancellationToken cancel) =>
        _api.SendAsync<BrowserPhoneDto>(HttpMethod.Post, $"{_path}/browser-phones", new NewBrowserPhone { Extension = extension }, cancel);

    /// <summary>Gives a phone in a browser a new password, which the answer has.</summary>
    public Task<BrowserPhoneDto> RenewBrowserPhoneAsync(string device, CancellationToken cancel) =>
        _api.SendAsync<BrowserPhoneDto>(HttpMethod.Post, $"{_path}/browser-phones/{Uri.EscapeDataString(device)}/secret", null, cancel);

    /// <summary>Gives a phone in a browser another day.</summary>
    public Task<BrowserPhoneDto> ProlongBrowserPhoneAsync(string device, CancellationToken cancel) =>
        _api.SendAsync<BrowserPhoneDto>(HttpMethod.Post, $"{_path}/browser-phones/{Uri.EscapeDataString(device)}/renewal", null, cancel);

    /// <summary>Ends the account of a phone in a browser.</summary>
    public Task DeleteBrowserPhoneAsync(string device, CancellationToken cancel) =>
        _api.SendAsync(HttpMethod.Delete, $"{_path}/browser-phones/{Uri.EscapeDataString(device)}", null, cancel);

    /// <summary>The phones that are registered now.</summary>
    public async Task<IReadOnlyList<RegistrationDto>> RegistrationsAsync(CancellationToken cancel) => (await _api.GetAsync<Page<RegistrationDto>>($"{_path}/registrations", cancel)).Items;

    /// <summary>A page of its call records, newest first.</summary>
    public Task<Page<CallRecordDto>> CallsAsync(CallFilter filter, string? after, int limit, CancellationToken cancel) =>
        _api.GetAsync<Page<CallRecordDto>>(PbxApi.PageOf($"{_path}/calls{filter.ToQuery()}", after, limit), cancel);

    /// <summary>One call record.</summary>
    public Task<CallRecordDto> CallAsync(string call, CancellationToken cancel) => _api.GetAsync<CallRecordDto>($"{_path}/calls/{Uri.EscapeDataString(call)}", cancel);

    /// <summary>How many calls began in each of the 24 hours from an instant on, and how they sounded.</summary>
    public Task<CallHoursDto> CallHoursAsync(DateTime from, CancellationToken cancel) => _api.GetAsync<CallHoursDto>($"{_path}/calls/hours?from={Uri.EscapeDataString(from.ToString("O", CultureInfo.InvariantCulture))}", cancel);

    /// <summary>The SIP messages of a call.</summary>
    public Task<CallLadderDto> LadderAsync(string call, CancellationToken cancel) => _api.GetAsync<CallLadderDto>($"{_path}/calls/{Uri.EscapeDataString(call)}/ladder", cancel);

    /// <summary>The calls that ring or talk now.</summary>
    public async Task<IReadOnlyList<LiveCallDto>> LiveCallsAsync(CancellationToken cancel) => (await _api.GetAsync<Page<LiveCallDto>>($"{_path}/calls/live", cancel)).Items;

    /// <summary>Extensions and calls as they change, as server-sent events. The caller disposes the answer.</summary>
    internal Task<HttpResponseMessage> OpenLiveAsync(CancellationToken cancel) => _api.OpenAsync($"{_path}/live?offline=false", cancel);

    /// <summary>Ends a call.</summary>
    public Task HangUpAsync(CallId call, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/calls/live/{call}", null, cancel);

    /// <summary>Puts another party into the place of one.</summary>
    public Task TransferAsync(CallId call, NewTransfer wish, CancellationToken cancel) => _api.SendAsync(HttpMethod.Post, $"{Live(call)}/transfer", wish, cancel);

    /// <summary>Makes a call for an extension.</summary>
    public Task<LiveCallDto> OriginateAsync(NewCall wish, CancellationToken cancel) => _api.SendAsync<LiveCallDto>(HttpMethod.Post, $"{_path}/calls/live", wish, cancel);

    /// <summary>Has a party hold, or talk again.</summary>
    public Task HoldAsync(CallId call, CallParty party, bool holds, CancellationToken cancel) =>
        _api.SendAsync(HttpMethod.Post, $"{Live(call)}/{(holds ? "hold" : "resume")}", new CallPartyChoice { Party = party }, cancel);

    /// <summary>Mutes a party, or lets it be heard again.</summary>
    public Task MuteAsync(CallId call, CallParty party, bool muted, CancellationToken cancel) =>
        _api.SendAsync(HttpMethod.Post, $"{Live(call)}/{(muted ? "mute" : "unmute")}", new CallPartyChoice { Party = party }, cancel);

    /// <summary>Begins, pauses, resumes or ends a recording.</summary>
    public Task RecordAsync(CallId call, RecordingStep step, CancellationToken cancel) => _api.SendAsync(HttpMethod.Post, $"{Live(call)}/recording", new RecordingWish { Step = step }, cancel);

    /// <summary>Lets a supervisor hear a call.</summary>
    public Task<LiveCallDto> SuperviseAsync(CallId call, NewSupervision wish, CancellationToken cancel) => _api.SendAsync<LiveCallDto>(HttpMethod.Post, $"{Live(call)}/supervision", wish, cancel);

    /// <summary>Changes who hears a supervisor.</summary>
    public Task ChangeSupervisionAsync(CallId call, CallId supervision, SupervisionMode mode, CancellationToken cancel) =>
        _api.SendAsync(HttpMethod.Put, $"{Live(call)}/supervision/{supervision}", new SupervisionChange { Mode = mode }, cancel);

    private string Live(CallId call) => $"{_path}/calls/live/{call}";

    /// <summary>A page of its recordings, newest first.</summary>
    public Task<Page<RecordingDto>> RecordingsAsync(string? number, string? after, CancellationToken cancel) => _api.GetAsync<Page<RecordingDto>>(
        PbxApi.PageOf($"{_path}/recordings{(string.IsNullOrWhiteSpace(number) ? "" : "?number=" + Uri.EscapeDataString(number.Trim()))}", after), cancel);

    /// <summary>One recording.</summary>
    public Task<RecordingDto> RecordingAsync(RecordingId recording, CancellationToken cancel) => _api.GetAsync<RecordingDto>($"{_path}/recordings/{recording}", cancel);

    /// <summary>Makes an address under which whoever has it hears a recording, for five minutes.</summary>
    public Task<RecordingLinkDto> LinkRecordingAsync(RecordingId recording, CancellationToken cancel) =>
        _api.SendAsync<RecordingLinkDto>(HttpMethod.Post, $"{_path}/recordings/{recording}/link", new NewRecordingLink(), cancel);

    /// <summary>Deletes a recording for good.</summary>
    public Task DeleteRecordingAsync(RecordingId recording, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/recordings/{recording}", null, cancel);

    /// <summary>Opens a recording's audio, or a part of it. The caller disposes the answer.</summary>
    internal Task<HttpResponseMessage> OpenRecordingAsync(RecordingId recording, string? range, CancellationToken cancel) => _api.OpenAsync($"{_path}/recordings/{recording}/audio", cancel, range);

    /// <summary>Its own profiles of carriers.</summary>
    public async Task<IReadOnlyList<ProfileDto>> ProfilesAsync(CancellationToken cancel)
    {
        List<ProfileDto> profiles = [];
        string? next = null;
        do
        {
            Page<ProfileDto> page = await _api.GetAsync<Page<ProfileDto>>(PbxApi.PageOf($"{_path}/profiles", next), cancel);
            profiles.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return profiles;
    }

    /// <summary>One of them.</summary>
    public Task<ProfileDto> ProfileAsync(string name, CancellationToken cancel) => _api.GetAsync<ProfileDto>(Profile(name), cancel);

    /// <summary>Makes one.</summary>
    public Task<ProfileDto> CreateProfileAsync(ProfileDocument wish, CancellationToken cancel) => _api.SendAsync<ProfileDto>(HttpMethod.Post, $"{_path}/profiles", wish, cancel);

    /// <summary>Changes one, and with it the trunks that use it.</summary>
    public Task<ProfileDto> ChangeProfileAsync(string name, ProfileDocument wish, CancellationToken cancel) => _api.SendAsync<ProfileDto>(HttpMethod.Put, Profile(name), wish, cancel);

    /// <summary>Deletes one that no trunk uses.</summary>
    public Task DeleteProfileAsync(string name, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Profile(name), null, cancel);

    /// <summary>A page of its trunks, by name.</summary>
    public Task<Page<TrunkDto>> TrunksAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<TrunkDto>>(PbxApi.PageOf($"{_path}/trunks", after), cancel);

    /// <summary>One trunk.</summary>
    public Task<TrunkDto> TrunkAsync(string name, CancellationToken cancel) => _api.GetAsync<TrunkDto>(Trunk(name), cancel);

    /// <summary>Creates a trunk.</summary>
    public Task<TrunkDto> CreateTrunkAsync(TrunkDocument wish, CancellationToken cancel) => _api.SendAsync<TrunkDto>(HttpMethod.Post, $"{_path}/trunks", wish, cancel);

    /// <summary>Changes a trunk.</summary>
    public Task<TrunkDto> ChangeTrunkAsync(string name, TrunkDocument wish, CancellationToken cancel) => _api.SendAsync<TrunkDto>(HttpMethod.Put, Trunk(name), wish, cancel);

    /// <summary>Deletes a trunk.</summary>
    public Task DeleteTrunkAsync(string name, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Trunk(name), null, cancel);

    /// <summary>How its trunks stand now.</summary>
    public async Task<IReadOnlyList<TrunkStatusDto>> TrunkStatusAsync(CancellationToken cancel) => (await _api.GetAsync<Page<TrunkStatusDto>>($"{_path}/trunks-status", cancel)).Items;

    /// <summary>Tries a trunk against its carrier.</summary>
    /// <param name="name">The trunk.</param>
    /// <param name="number">Whom to call for a test, in the carrier's form; absent: nobody.</param>
    /// <param name="cancel">Stops the wait.</param>
    public Task<TrunkCheckDto> CheckTrunkAsync(string name, string? number, CancellationToken cancel) =>
        _api.SendAsync<TrunkCheckDto>(HttpMethod.Post, $"{Trunk(name)}/check{(number is null ? "" : "?number=" + Uri.EscapeDataString(number))}", null, cancel);

    /// <summary>What a trunk's rules make of a number.</summary>
    public Task<RewriteDto> RewriteAsync(string trunk, string list, string number, CancellationToken cancel) =>
        _api.GetAsync<RewriteDto>($"{Trunk(trunk)}/rewrite?list={list}&number={Uri.EscapeDataString(number)}", cancel);

    /// <summary>A page of its telephone numbers.</summary>
    public Task<Page<NumberDto>> NumbersAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<NumberDto>>(PbxApi.PageOf($"{_path}/numbers", after), cancel);

    /// <summary>Adds a telephone number.</summary>
    public Task<NumberDto> CreateNumberAsync(NumberDocument wish, CancellationToken cancel) => _api.SendAsync<NumberDto>(HttpMethod.Post, $"{_path}/numbers", wish, cancel);

    /// <summary>Changes a telephone number.</summary>
    public Task<NumberDto> ChangeNumberAsync(string number, NumberDocument wish, CancellationToken cancel) =>
        _api.SendAsync<NumberDto>(HttpMethod.Put, $"{_path}/numbers/{Uri.EscapeDataString(number)}", wish, cancel);

    /// <summary>A page of the platform's numbers that it may take.</summary>
    /// <param name="prefix">What they begin with: a plus and digits; empty for all.</param>
    /// <param name="cancel">Stops the reading.</param>
    public Task<Page<FreeNumberDto>> FreeNumbersAsync(string prefix, CancellationToken cancel) =>
        _api.GetAsync<Page<FreeNumberDto>>(PbxApi.PageOf($"{_path}/free-numbers{(prefix.Length == 0 ? "" : "?prefix=" + Uri.EscapeDataString(prefix))}", null, 20), cancel);

    /// <summary>Takes one of them.</summary>
    public Task<NumberDto> TakeNumberAsync(NumberChoice wish, CancellationToken cancel) => _api.SendAsync<NumberDto>(HttpMethod.Post, $"{_path}/free-numbers", wish, cancel);

    /// <summary>Removes a telephone number; one of the platform's that it may take itself is given back.</summary>
    public Task DeleteNumberAsync(string number, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/numbers/{Uri.EscapeDataString(number)}", null, cancel);

    /// <summary>A page of its outbound routes.</summary>
    public Task<Page<RouteDto>> RoutesAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<RouteDto>>(PbxApi.PageOf($"{_path}/routes", after), cancel);

    /// <summary>Creates an outbound route.</summary>
    public Task<RouteDto> CreateRouteAsync(RouteDocument wish, CancellationToken cancel) => _api.SendAsync<RouteDto>(HttpMethod.Post, $"{_path}/routes", wish, cancel);

    /// <summary>Changes an outbound route.</summary>
    public Task<RouteDto> ChangeRouteAsync(string name, RouteDocument wish, CancellationToken cancel) =>
        _api.SendAsync<RouteDto>(HttpMethod.Put, $"{_path}/routes/{Uri.EscapeDataString(name)}", wish, cancel);

    /// <summary>Deletes an outbound route.</summary>
    public Task DeleteRouteAsync(string name, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/routes/{Uri.EscapeDataString(name)}", null, cancel);

    /// <summary>How it calls the outside world.</summary>
    public Task<OutsideDocument> OutsideAsync(CancellationToken cancel) => _api.GetAsync<OutsideDocument>($"{_path}/outside", cancel);

    /// <summary>Changes how it calls the outside world.</summary>
    public Task ChangeOutsideAsync(OutsideDocument wish, CancellationToken cancel) => _api.SendAsync(HttpMethod.Put, $"{_path}/outside", wish, cancel);

    /// <summary>Its limits.</summary>
    public Task<CallLimits> LimitsAsync(CancellationToken cancel) => _api.GetAsync<CallLimits>($"{_path}/limits", cancel);

    /// <summary>Changes its limits.</summary>
    public Task ChangeLimitsAsync(CallLimits wish, CancellationToken cancel) => _api.SendAsync(HttpMethod.Put, $"{_path}/limits", wish, cancel);

    /// <summary>Its rate table, in CSV.</summary>
    public Task<string> RatesAsync(CancellationToken cancel) => _api.GetTextAsync($"{_path}/rates", cancel);

    /// <summary>Replaces its rate table.</summary>
    public async Task ChangeRatesAsync(string csv, CancellationToken cancel)
    {
        using StringContent content = new(csv, System.Text.Encoding.UTF8, "text/csv");
        await _api.SendAsync(HttpMethod.Put, $"{_path}/rates", content, cancel);
    }

    /// <summary>What a call would do.</summary>
    public Task<RoutingDto> DryRunAsync(string from, string to, string? trunk, CancellationToken cancel) => _api.GetAsync<RoutingDto>(
        string.Create(CultureInfo.InvariantCulture, $"{_path}/routing?from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}{(string.IsNullOrEmpty(trunk) ? "" : "&trunk=" + Uri.EscapeDataString(trunk))}"), cancel);

    /// <summary>The tenant's own OpenID Connect provider; <see langword="null"/>: it has none.</summary>
    public async Task<Versioned<SignInProviderDto>?> SignInProviderAsync(CancellationToken cancel)
    {
        try
        {
            return await _api.GetVersionedAsync<SignInProviderDto>($"{_path}/sign-in-provider", cancel);
        }
        catch (ApiProblemException fault) when (fault.Problem.Kind == "not-found")
        {
            return null;
        }
    }

    /// <summary>Sets the tenant's own provider up.</summary>
    public Task<SignInProviderDto> SetSignInProviderAsync(NewSignInProvider wish, string? etag, CancellationToken cancel) =>
        _api.SendAsync<SignInProviderDto>(HttpMethod.Put, $"{_path}/sign-in-provider", wish, cancel, etag);

    /// <summary>Takes the tenant's own provider away.</summary>
    public Task DeleteSignInProviderAsync(string? etag, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/sign-in-provider", null, cancel, etag);

    /// <summary>What it may have, and how it stands.</summary>
    public Task<Versioned<TenantPlanDto>> PlanAsync(CancellationToken cancel) => _api.GetVersionedAsync<TenantPlanDto>($"{_path}/plan", cancel);

    /// <summary>Gives it a plan or limits of its own.</summary>
    public Task<TenantPlanDto> ChangePlanAsync(NewTenantPlan wish, string? etag, CancellationToken cancel) => _api.SendAsync<TenantPlanDto>(HttpMethod.Put, $"{_path}/plan", wish, cancel, etag);

    /// <summary>Ends its calls and refuses new ones.</summary>
    public Task<TenantPlanDto> SuspendAsync(Suspension why, CancellationToken cancel) => _api.SendAsync<TenantPlanDto>(HttpMethod.Post, $"{_path}/suspend", why, cancel);

    /// <summary>Lets it call again.</summary>
    public Task<TenantPlanDto> ResumeAsync(CancellationToken cancel) => _api.SendAsync<TenantPlanDto>(HttpMethod.Post, $"{_path}/resume", null, cancel);

    /// <summary>What it used in a month.</summary>
    /// <param name="month">As <c>2026-11</c>.</param>
    /// <param name="cancel">Stops the wait.</param>
    public Task<UsageDto> UsageAsync(string month, CancellationToken cancel) => _api.GetAsync<UsageDto>($"{_path}/usage?month={Uri.EscapeDataString(month)}", cancel);

    /// <summary>How its pages look.</summary>
    public Task<Versioned<BrandingDto>> BrandingAsync(CancellationToken cancel) => _api.GetVersionedAsync<BrandingDto>($"{_path}/branding", cancel);

    /// <summary>Changes how its pages look.</summary>
    public Task<BrandingDto> ChangeBrandingAsync(BrandingDto wish, string? etag, CancellationToken cancel) => _api.SendAsync<BrandingDto>(HttpMethod.Put, $"{_path}/branding", wish, cancel, etag);

    /// <summary>The whole tenant as one document.</summary>
    public Task<TenantDocument> ExportAsync(CancellationToken cancel) => _api.GetAsync<TenantDocument>($"{_path}/document", cancel);

    /// <summary>Takes over what a miniSIPServer had.</summary>
    /// <param name="wish">Its files.</param>
    /// <param name="dryRun">Whether nothing is done.</param>
    /// <param name="cancel">Stops the wait.</param>
    public Task<ImportReport> ImportAsync(NewImport wish, bool dryRun, CancellationToken cancel) => _api.SendAsync<ImportReport>(HttpMethod.Post, $"{_path}/import?dryRun={(dryRun ? "true" : "false")}", wish, cancel);

    /// <summary>Brings the tenant to the state that a document describes.</summary>
    /// <param name="document">The document's JSON, as it was given.</param>
    /// <param name="cancel">Stops the wait.</param>
    public Task<ApplyReport> ApplyAsync(System.Text.Json.Nodes.JsonNode document, CancellationToken cancel) => _api.SendAsync<ApplyReport>(HttpMethod.Put, $"{_path}/document", document, cancel);

    private string Domain(string name) => $"{_path}/domains/{Uri.EscapeDataString(name)}";

    private string Extension(string number) => $"{_path}/extensions/{Uri.EscapeDataString(number)}";

    private string Profile(string name) => $"{_path}/profiles/{Uri.EscapeDataString(name)}";

    private string Trunk(string name) => $"{_path}/trunks/{Uri.EscapeDataString(name)}";
}
