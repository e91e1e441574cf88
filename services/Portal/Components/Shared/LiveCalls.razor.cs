using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Live;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CloudPbx.Portal.Components.Shared;

/// <summary>A tenant's calls of this moment, and what may be done to them.</summary>
public partial class LiveCalls
{
    private bool _maySupervise;
    private string? _shown;

    /// <summary>The tenant.</summary>
    [Parameter, EditorRequired] public string Tenant { get; set; } = "";

    /// <summary>What happens there.</summary>
    [Parameter, EditorRequired] public LiveTenant Live { get; set; } = null!;

    [Inject] private CurrentUser User { get; set; } = null!;

    private TenantApi Here => Api.Of(Tenant);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        // Where it cannot be read it is not offered; the API decides in any case.
        await LoadAsync(async () => _maySupervise = (await User.GetAsync()).IsAdministrator && (await Here.GetAsync(Gone)).Value.AllowSupervision);
    }

    private static IEnumerable<(CallParty Party, string Number, bool Holds, bool Muted)> Parties(LiveCallDto call) =>
    [
        (CallParty.Caller, call.CallerNumber, call.CallerHolds, call.CallerMuted),
        (CallParty.Callee, call.AnsweredBy ?? call.CalledNumber, call.CalleeHolds, call.CalleeMuted),
    ];

    private static RecordingStep[] Steps(LiveCallDto call) => call.Recording switch
    {
        CallRecordingState.Running => [RecordingStep.Pause, RecordingStep.Stop],
        CallRecordingState.Paused => [RecordingStep.Resume, RecordingStep.Stop],
        _ => [RecordingStep.Start],
    };

    private IEnumerable<string> Marks(LiveCallDto call)
    {
        if (call.CallerHolds || call.CalleeHolds)
            yield return T["live.on-hold"];
        if (call.CallerMuted || call.CalleeMuted)
            yield return T["live.muted"];
        if (call.Recording != CallRecordingState.Off)
            yield return T["live.recording-" + call.Recording.ToString().ToLowerInvariant()];
        if (call.Supervision is { } mode)
            yield return T["live.mode-" + mode.ToString().ToLowerInvariant()];
    }

    private async Task HangUpAsync(LiveCallDto call)
    {
        if (await ConfirmAsync(T["live.hang-up-title"], T["live.hang-up-text", call.CallerNumber, call.CalledNumber], T["live.hang-up"]))
            await TryAsync(() => Here.HangUpAsync(call.Id, Gone));
    }

    private async Task SetHoldAsync(LiveCallDto call, CallParty party, bool holds) => await TryAsync(() => Here.HoldAsync(call.Id, party, holds, Gone));

    private async Task SetMuteAsync(LiveCallDto call, CallParty party, bool muted) => await TryAsync(() => Here.MuteAsync(call.Id, party, muted, Gone));

    private async Task RecordAsync(LiveCallDto call, RecordingStep step) => await TryAsync(() => Here.RecordAsync(call.Id, step, Gone));

    private async Task ChangeSupervisionAsync(CallId supervised, LiveCallDto supervision, SupervisionMode mode) =>
        await TryAsync(() => Here.ChangeSupervisionAsync(supervised, supervision.Id, mode, Gone));

    private async Task TransferAsync(LiveCallDto call) => await (await Dialogs.ShowAsync<TransferDialog>(
        T["live.transfer"], new DialogParameters<TransferDialog> { { x => x.Tenant, Tenant }, { x => x.Call, call } })).Result;

    private async Task SuperviseAsync(LiveCallDto call) => await (await Dialogs.ShowAsync<SupervisionDialog>(
        T["live.supervise"], new DialogParameters<SupervisionDialog> { { x => x.Tenant, Tenant }, { x => x.Call, call } })).Result;
}
