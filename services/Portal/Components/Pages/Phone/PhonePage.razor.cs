using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.Phones;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Phone;

/// <summary>The phone in the browser: whoever is signed in calls and is called as one more phone of an extension.</summary>
public partial class PhonePage
{
    private const string Keys = "123456789*0#";

    private readonly FormErrors _errors = new();
    private string _number = "", _extension = "";
    private bool _mayChoose;
    private bool _metering;
    private Task _returned = Task.CompletedTask;

    [Inject] private BrowserPhone Phone { get; set; } = null!;

    [Inject] private CurrentUser User { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "extension")] private string? Asked { get; set; }

    private BrowserPhoneState State => Phone.State;

    private string RegistrationWords => State.Registration switch
    {
        "registered" => T["phone.registered", State.Number ?? ""],
        "connecting" => T["phone.connecting"],
        "refused" => T["phone.refused", State.Reason ?? ""],
        _ => T["phone.away"],
    };

    private string? MicrophoneWords => State.Microphone switch
    {
        "refused" => T["phone.microphone-refused"],
        "missing" => T["phone.microphone-missing"],
        "taken" => T["phone.microphone-taken"],
        "unsupported" => T["phone.microphone-unsupported"],
        _ => null,
    };

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Phone.Changed += Refresh;
        UserFacts user = await User.GetAsync();
        _mayChoose = user.IsAdministrator;
        _extension = Asked ?? user.Extension ?? "";
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _returned = ReturnAsync();
            await _returned;
        }
        if (State.IsOn && !_metering)
        {
            _metering = true;
            await Phone.ShowLevelAsync();
        }
        _metering &= State.IsOn;
    }

    /// <inheritdoc/>
    protected override void Left() => Phone.Changed -= Refresh;

    // Nobody asked for it, so nobody waits but whoever switches the phone on meanwhile.
    private async Task ReturnAsync()
    {
        await LoadAsync(() => Phone.ReturnAsync(Gone));
        if (Fault is { } fault)
            Messages.Add(Problems.Sentence(T, fault), Severity.Error);
    }

    private Task<bool> SwitchOnAsync() => TryAsync(
        async () =>
        {
            await _returned;
            if (!State.IsOn)
                await Phone.SwitchOnAsync(Tenant, _extension.Trim(), Gone);
        },
        _errors, "extension");

    private Task<bool> SwitchOffAsync() => TryAsync(() => Phone.SwitchOffAsync(Gone));

    private Task<bool> TakeOverAsync() => TryAsync(() => Phone.TakeOverAsync(Gone));

    private Task ActAsync(string name, params object?[] values) => Phone.ActAsync(name, values);

    private Task TryAsync() => ActAsync("tryMicrophone", !State.Trying);

    private Task ChooseAsync(string id) => ActAsync("chooseMicrophone", id);

    private Task SetClearVoiceAsync(bool on) => ActAsync("setClearVoice", on);

    private async Task DialAsync()
    {
        // People paste numbers as they are printed.
        string number = new([.. _number.Where(c => char.IsAsciiLetterOrDigit(c) || c is '*' or '#' or '+' or '_')]);
        if (number.Length == 0)
            return;
        await ActAsync("call", number);
        _number = "";
    }

    private void Type(char key) => _number += key;

    private void Erase() => _number = _number[..^1];

    private string KeyName(char key) => key switch { '*' => T["phone.star"], '#' => T["phone.hash"], _ => key.ToString() };

    private string NameOf(string? id) => string.IsNullOrEmpty(id) ? T["phone.microphone-any"] : State.Microphones.FirstOrDefault(microphone => microphone.Id == id)?.Name ?? "";

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
