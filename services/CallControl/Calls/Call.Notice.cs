using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Api;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;

namespace CloudPbx.CallControl.Calls;

/// <summary>How the parties learn that their call is recorded: the tenant's law says whether they must.</summary>
internal sealed partial class Call
{
    private const string NoticeSound = "call-recorded", BeepSound = "signals/recorded";
    private static readonly TimeSpan s_beepEvery = TimeSpan.FromSeconds(15);

    private readonly HashSet<int> _told = [];                     // legs whose parties have heard the sentence
    private bool _beeps;
    private bool _isEntering;                                     // a room asks for its PIN: the caller is told when it is in

    /// <summary>What the parties' extensions say of it; else their trunks; else the tenant. Where two say otherwise, the one that tells more.</summary>
    private RecordingNotice Notice =>
        Most(Parties.Where(leg => leg.Carrier is null).Select(leg => Configuration.Extensions.GetValueOrDefault(leg.Extension)?.RecordingNotice))
        ?? Most(Parties.Select(leg => leg.Carrier?.Trunk.RecordingNotice))
        ?? Configuration.RecordingNotice;

    private IEnumerable<CallLeg> Parties => ((CallLeg?[])[_caller, _callee]).OfType<CallLeg>();

    private static RecordingNotice? Most(IEnumerable<RecordingNotice?> notices)
    {
        RecordingNotice[] said = [.. notices.OfType<RecordingNotice>()];
        return said.Length == 0 ? null : said.Contains(RecordingNotice.Announcement) ? RecordingNotice.Announcement : said.Max();
    }

    /// <summary>Tells who talks and has not heard it that the call is recorded.</summary>
    private async Task TellOfRecordingAsync()
    {
        if (_phase != CallPhase.Talking || _isEntering || Running is not { IsPaused: false } || _over.IsCancellationRequested)
            return;
        if (Notice == RecordingNotice.Announcement)
        {
            foreach (CallLeg? leg in (CallLeg?[])[_caller, _callee])
                if (leg is { HasMedia: true } && _told.Add(leg.Number))
                    await PromptAsync(leg, OwnOr(Configuration.RecordingNoticePrompt, $"{PromptLanguage}/{NoticeSound}"));
        }
        else if (Notice == RecordingNotice.Beep && !_beeps)
        {
            _beeps = true;
            _tenant.Scheduler.Start(BeepAsync);
        }
    }

    /// <summary>An earlier owner recorded the call: who talks was told, and hears the tone again. A pause ends when it would have ended.</summary>
    private Task GoOnTellingAsync()
    {
        if (Running is { PausedAt: not null } paused)
            _tenant.Scheduler.Start(() => EndPauseAsync(paused));
        if (Running is not null)
            _told.UnionWith(_legs.Select(leg => leg.Number));
        return TellOfRecordingAsync();
    }

    private async Task BeepAsync()
    {
        while (!_over.IsCancellationRequested && Running is { } running)
        {
            foreach (CallLeg? leg in (CallLeg?[])[_caller, _callee])
                if (!running.IsPaused && leg is { HasMedia: true } && leg.Hears is null)
                    await PromptAsync(leg, BeepSound);
            Task pause = _tenant.DelayAsync(s_beepEvery, out TimerHandle timer);
            await _tenant.Scheduler.FirstOf([pause, _release.Task, .. EndsOf(_caller), .. EndsOf(_callee)]);
            timer.Cancel();
            if (_release.Task.IsCompleted || _phase != CallPhase.Talking)
                break;
            if (!pause.IsCompleted)
                await _tenant.DelayAsync(s_beepEvery, out _);     // a party has left: by a transfer, or the call ends
        }
        _beeps = false;
    }

    private Task<bool> PromptAsync(CallLeg leg, string sound) =>
        Media.PromptAsync(leg.Media, RequestOf(sound, $"{PromptLanguage}/{NoticeSound}") with { Queue = true }, CancellationToken.None);
}
