using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>What a program does to a call that talks: holds, mutes, records. No phone is asked: its dialog, codec and address stay as they are, the media node alone changes what is heard.</summary>
internal sealed partial class Call
{
    private const string SilenceSound = "silence/500";

    /// <summary>Whether its caller talks, or hears what it is to hear.</summary>
    public bool IsTalking => _phase == CallPhase.Talking && !_seeks && !_release.Task.IsCompleted && _caller.Dialog is { IsEnded: false };

    /// <summary>The leg of a side of the call; null where we are that side.</summary>
    public CallLeg? PartyOf(CallParty party) => party switch
    {
        CallParty.Caller => _caller,
        CallParty.Callee => _callee,
        _ => null,
    };

    /// <summary>Does as a program asks.</summary>
    /// <param name="action">What.</param>
    /// <param name="party">Which party holds or is muted.</param>
    public Task<CallActionAnswer> ActAsync(CallAction action, CallParty? party) =>
        !IsTalking ? Task.FromResult(CallActionAnswer.NotTalking) : action switch
        {
            CallAction.Hold => ActOnAsync(party, leg => leg.HoldsByProgram = true),
            CallAction.Resume => ActOnAsync(party, leg => leg.HoldsByProgram = false),
            CallAction.Mute => ActOnAsync(party, leg => leg.IsMuted = true),
            CallAction.Unmute => ActOnAsync(party, leg => leg.IsMuted = false),
            CallAction.StartRecording => SetRecordingAsync(isPaused: false, begins: true),
            CallAction.PauseRecording => SetRecordingAsync(isPaused: true, begins: false),
            CallAction.ResumeRecording => SetRecordingAsync(isPaused: false, begins: false),
            _ => StopRecordingAsync(),
        };

    /// <summary>The call as it stands now.</summary>
    public LiveCall ToLiveCall() => Record.ToLiveCall() with
    {
        CallerHolds = _caller.Holds,
        CalleeHolds = _callee?.Holds ?? false,
        CallerMuted = _caller.IsMuted || _isMuted,
        CalleeMuted = _callee?.IsMuted ?? false,
        Recording = Running switch
        {
            null => CallRecordingState.Off,
            { IsPaused: true } => CallRecordingState.Paused,
            _ => CallRecordingState.Running,
        },
        IsConversation = IsConversation,
        IsSpeaking = _isSpeaking,
        Supervises = _supervision?.Call,
        Supervision = _supervision?.Mode,
    };

    private async Task<CallActionAnswer> ActOnAsync(CallParty? party, Action<CallLeg> change)
    {
        if (PartyOf(party ?? CallParty.System) is not { HasMedia: true } leg || (Partner(leg) is null && _room is null))
            return CallActionAnswer.NoSuchParty;
        if (_room is not null)
            leg.IsMuted = _isMuted;                               // a key may have changed it
        change(leg);
        Changed();
        if (_room is not null)
            await SetMutedAsync(leg.IsMuted, leg.HoldsByPhone || leg.HoldsByProgram);
        await FollowSoundAsync(leg);
        if (Partner(leg) is { HasMedia: true } other)
            await FollowSoundAsync(other);
        return CallActionAnswer.Done;
    }

    /// <summary>Lets a party hear what its own state and the other one's ask for: music, silence, or the other party.</summary>
    private async Task FollowSoundAsync(CallLeg leg)
    {
        string? sound = SoundFor(leg);
        // An earlier owner of an older version did not write down what it had played.
        if (sound == leg.Hears && (sound is not null || !_isRestored))
            return;
        leg.Hears = sound;
        Changed();
        if (sound is null)
            await Media.StopAsync(leg.Media, _over.Token);
        else
            await Media.PromptAsync(leg.Media, RequestOf(sound, HoldMusicSound) with { Loop = true }, _over.Token);
    }

    // Who holds by a program hears nothing; who holds by its phone is silent by itself, and asks for no silence of ours.
    private string? SoundFor(CallLeg leg) => Partner(leg) switch
    {
        _ when leg.HoldsByProgram => SilenceSound,
        { Holds: true } when Configuration.HoldMusic => OwnOr(Configuration.HoldMusicPrompt, HoldMusicSound),
        { HoldsByProgram: true } or { IsMuted: true } => SilenceSound,
        _ => null,
    };

    /// <summary>Parties were put together anew: the media node does not know what they heard before.</summary>
    private async Task FollowSoundsAnewAsync(params CallLeg[] parties)
    {
        foreach (CallLeg leg in parties)
            leg.Hears = null;
        foreach (CallLeg leg in parties)
            if (SoundFor(leg) is not null)
                await FollowSoundAsync(leg);
    }

    private async Task<CallActionAnswer> SetRecordingAsync(bool isPaused, bool begins)
    {
        if (Running is null && !begins)
            return CallActionAnswer.NotRecorded;
        if (Running is { } running && running.IsPaused == isPaused)
            return CallActionAnswer.Done;
        if (Running is null && _tenant.Configuration.StorageFull)
            return CallActionAnswer.StorageFull;
        return await RecordAsync(isPaused) is not { } fault ? CallActionAnswer.Done : IsOfCodec(fault) ? CallActionAnswer.NotDecodable : CallActionAnswer.MediaAway;
    }

    private async Task<CallActionAnswer> StopRecordingAsync()
    {
        if (Running is null)
            return CallActionAnswer.NotRecorded;
        Record.StaysUnrecorded = true;
        await EndRecordingAsync();
        Changed();
        return CallActionAnswer.Done;
    }
}
