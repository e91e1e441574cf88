using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>What we let the parties hear: prompts, music while they are held, and why a call failed.</summary>
internal sealed partial class Call
{
    private const string HoldMusicSound = "music/default";
    private static readonly TimeSpan s_longestPrompt = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, TaskCompletionSource> _playing = [];

    /// <summary>The folder of the prompts that the tenant's parties hear.</summary>
    private string PromptLanguage => Configuration.Language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? "zh" : "en";

    /// <summary>The media node has played to its end what it was asked for, or was stopped.</summary>
    public void PromptEnded(string name)
    {
        if (_playing.Remove(name, out TaskCompletionSource? heard))
            heard.TrySetResult();
    }

    /// <summary>Lets a party hear something, to its end.</summary>
    /// <param name="leg">The party.</param>
    /// <param name="sounds">Names of prompts, in the tenant's language.</param>
    private async Task LetHearAsync(CallLeg leg, params string[] sounds)
    {
        (string name, bool plays) = await BeginPromptAsync(leg, "", sounds);
        if (plays)
            await WaitForPromptAsync(leg, name);
    }

    private async Task WaitForPromptAsync(CallLeg leg, string name)
    {
        if (!_playing.TryGetValue(name, out TaskCompletionSource? heard))
            return;
        Task limit = _tenant.DelayAsync(s_longestPrompt, out TimerHandle timer);
        try
        {
            List<Task> ends = [heard.Task, limit, _release.Task, .. EndsOf(leg)];
            if (_invite is { IsPending: true } invite)
                ends.Add(invite.Cancelled);
            await _tenant.Scheduler.FirstOf([.. ends]);
        }
        finally
        {
            timer.Cancel();
            _playing.Remove(name);
        }
    }

    private async Task<(string Name, bool Plays)> BeginPromptAsync(CallLeg leg, string until, params string[] sounds)
    {
        PromptRequest request = new() { Name = Guid.NewGuid().ToString("N"), Sounds = [.. sounds.Select(sound => $"{PromptLanguage}/{sound}")], Until = until };
        return (request.Name, await BeginPromptAsync(leg, request));
    }

    private async Task<bool> BeginPromptAsync(CallLeg leg, PromptRequest request)
    {
        _playing[request.Name] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool plays = await Media.PromptAsync(leg.Media, request, _over.Token);
        if (!plays)
            _playing.Remove(request.Name);
        return plays;
    }

    /// <summary>A party holds the other one, or talks again: that one hears music meanwhile. In a conference it is muted, since phones send music of their own.</summary>
    private async Task FollowHoldAsync(CallLeg leg, bool isHolding)
    {
        if (leg.HoldsByPhone != isHolding)
        {
            leg.HoldsByPhone = isHolding;
            Changed();
        }
        if (_room is not null && ReferenceEquals(leg, _caller))
            await SetMutedAsync(_isMuted, isHolding || leg.HoldsByProgram);
        else if (Partner(leg) is { HasMedia: true } other)
            await FollowSoundAsync(other);
    }

    /// <summary>Refuses the caller; a phone of a tenant that wants it hears why before, as early media (RFC 3960 §3).</summary>
    private async Task RefuseAloudAsync(int status, ReleaseCause? cause)
    {
        if (SoundOf(status) is { } sound && Configuration.Announcements && _caller.Carrier is null && _earlyAnswer is null && Invite is { Offer: not null, IsPending: true } && !_release.Task.IsCompleted)
            await AnnounceAsync(sound);
        if (!IsOverForCaller())
            Refuse(status, cause);
    }

    /// <summary>The prompt that says why a call failed; null where there is none.</summary>
    private static string? SoundOf(int status) => status switch
    {
        404 or 484 => "unknown-number",
        403 => "not-allowed",
        408 or 480 => "not-available",
        486 or 600 => "busy",
        >= 500 => "cannot-connect",
        _ => null,
    };

    private async Task AnnounceAsync(string sound)
    {
        _answers = true;
        if (!_caller.HasMedia)
        {
            _caller.HasMedia = true;
            LegDescription offer = await Media.ReceiveOfferAsync(_caller.Media, PolicyOf(_caller), Invite.Offer!.Text, _over.Token);
            if (!offer.Accepted)
                return;                                           // the status says it, too
        }
        LegDescription local = await AnswerAsync(_caller, null, _over.Token);
        if (!local.Accepted || !Invite.IsPending || !Invite.Progress(183, null, MessageBody.Sdp(local.LocalSdp!)))
            return;
        _earlyAnswer = local.LocalSdp;
        await LetHearAsync(_caller, sound);
    }
}
