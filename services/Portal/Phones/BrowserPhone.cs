using System.Text.Json;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;
using Microsoft.JSInterop;

namespace CloudPbx.Portal.Phones;

/// <summary>The phone in the browser, as pages see it: its state, and what can be done. The phone itself is a script that lives as long as the page does (<c>portal/phone</c>).</summary>
/// <remarks>One per circuit, used on its thread. The password goes from the API to the script by the circuit and is kept nowhere else.</remarks>
public sealed class BrowserPhone(IJSRuntime browser, PbxApi api, IPhoneMemory memory, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan s_prolong = TimeSpan.FromHours(6);

    private DotNetObjectReference<BrowserPhone>? _self;
    private IJSObjectReference? _script;
    private ITimer? _prolonging;
    private RememberedPhone? _remembered;

    /// <summary>Something changed.</summary>
    public event Action? Changed;

    /// <summary>How it stands.</summary>
    public BrowserPhoneState State { get; private set; } = BrowserPhoneState.Off;

    /// <summary>Whose phone it is; <see langword="null"/> while it is off.</summary>
    public RememberedPhone? Account => State.Registration == "off" ? null : _remembered;

    /// <summary>Joins the script, and switches the phone on again where the page was loaded anew while it was on.</summary>
    /// <exception cref="ApiProblemException">It was on and cannot be again.</exception>
    public async Task ReturnAsync(CancellationToken cancel)
    {
        if (_script is not null)
            return;
        _self = DotNetObjectReference.Create(this);
        _script = await browser.InvokeAsync<IJSObjectReference>("import", cancel, "/portal/phone/host.js");
        if (_script is null)
            return;
        Take(await _script.InvokeAsync<string?>("attach", cancel, _self));
        _remembered = await memory.GetAsync(cancel);
        if (_remembered is null || State.IsOn)
            return;
        if (await _script.InvokeAsync<bool>("isElsewhere", cancel))
            await _script.InvokeVoidAsync("elsewhere", cancel);
        else
            await StartAsync(_remembered, false, cancel);
    }

    /// <summary>Switches it on as a phone of an extension.</summary>
    /// <exception cref="ApiProblemException">The API refused.</exception>
    public async Task SwitchOnAsync(string tenant, string extension, CancellationToken cancel)
    {
        await ReturnAsync(cancel);
        if (_remembered is { } before && (before.Tenant != tenant || before.Extension != extension))
            await SwitchOffAsync(cancel);
        if (_remembered is { } again)
        {
            await StartAsync(again, true, cancel);
            return;
        }
        BrowserPhoneDto made = await api.Of(tenant).CreateBrowserPhoneAsync(extension, cancel);
        _remembered = new RememberedPhone(tenant, extension, made.Id.ToString());
        await memory.SetAsync(_remembered, cancel);
        await BeginAsync(made, true, cancel);
    }

    /// <summary>Takes the phone from the other tab that has it.</summary>
    /// <exception cref="ApiProblemException">The API refused.</exception>
    public Task TakeOverAsync(CancellationToken cancel) => _remembered is { } phone ? StartAsync(phone, true, cancel) : Task.CompletedTask;

    /// <summary>Switches it off, and has its account ended.</summary>
    /// <exception cref="ApiProblemException">The API is away; the phone is off all the same.</exception>
    public async Task SwitchOffAsync(CancellationToken cancel)
    {
        _prolonging?.Dispose();
        _prolonging = null;
        RememberedPhone? phone = _remembered;
        _remembered = null;
        if (_script is not null)
            await _script.InvokeVoidAsync("stop", cancel);
        await memory.SetAsync(null, cancel);
        if (phone is null)
            return;
        try
        {
            await api.Of(phone.Tenant).DeleteBrowserPhoneAsync(phone.Device, cancel);
        }
        catch (ApiProblemException fault) when (fault.Problem.Status == 404)
        {
            // it has ended by itself
        }
    }

    /// <summary>Lets the script do something: <c>call</c>, <c>answer</c>, <c>hangUp</c> …</summary>
    /// <param name="name">Its method.</param>
    /// <param name="values">What with.</param>
    public async Task ActAsync(string name, params object?[] values)
    {
        if (_script is not null)
            await _script.InvokeVoidAsync("act", [name, .. values]);
    }

    /// <summary>Moves the level on the page as long as it is there.</summary>
    public async Task ShowLevelAsync()
    {
        if (_script is not null)
            await _script.InvokeVoidAsync("meter");
    }

    /// <summary>Called by the script at each change.</summary>
    /// <param name="state">The state, as JSON.</param>
    [JSInvokable]
    public void PhoneChanged(string state) => Take(state);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _prolonging?.Dispose();
        _self?.Dispose();
        if (_script is null)
            return;
        try
        {
            await _script.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // the page went before its circuit did
        }
    }

    /// <summary>With a new password: the one before went with the page that had it.</summary>
    private async Task StartAsync(RememberedPhone phone, bool steal, CancellationToken cancel)
    {
        BrowserPhoneDto account;
        try
        {
            account = await api.Of(phone.Tenant).RenewBrowserPhoneAsync(phone.Device, cancel);
        }
        catch (ApiProblemException fault) when (fault.Problem.Status == 404)
        {
            account = await api.Of(phone.Tenant).CreateBrowserPhoneAsync(phone.Extension, cancel);
            _remembered = phone with { Device = account.Id.ToString() };
            await memory.SetAsync(_remembered, cancel);
        }
        await BeginAsync(account, steal, cancel);
    }

    private async Task BeginAsync(BrowserPhoneDto account, bool steal, CancellationToken cancel)
    {
        if (_script is null)
            return;
        await _script.InvokeVoidAsync(
            "start", cancel, new { user = account.AuthUser, secret = account.Secret, domain = account.Domain, number = account.Extension, name = account.DisplayName }, steal);
        _prolonging ??= time.CreateTimer(_ => _ = ProlongAsync(), null, s_prolong, s_prolong);
    }

    private async Task ProlongAsync()
    {
        if (_remembered is not { } phone)
            return;
        try
        {
            await api.Of(phone.Tenant).ProlongBrowserPhoneAsync(phone.Device, CancellationToken.None);
        }
        catch (ApiProblemException)
        {
            // tried again in some hours; the account is good for a day
        }
    }

    // Read here and not by the circuit's own serializer, which would describe these types once for each open page.
    private void Take(string? state)
    {
        State = (state is null ? null : JsonSerializer.Deserialize(state, BrowserPhoneJson.Default.BrowserPhoneState)) ?? BrowserPhoneState.Off;
        Changed?.Invoke();
    }
}
