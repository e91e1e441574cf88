using System.Security.Cryptography;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;

namespace CloudPbx.CallControl.Calls;

/// <summary>Recording: by policy from the first word, on demand by <c>*1</c>, through hold and transfer one recording for each call.</summary>
internal sealed partial class Call
{
    private const int KeyLength = 32;
    private const string StorageIsFull = "storage full", TenantIsGone = "tenant deleted";      // why nothing is recorded, besides LegFaults
    private static readonly TimeSpan s_codePatience = TimeSpan.FromSeconds(5);      // between the star and the one

    private readonly Dictionary<int, DateTime> _stars = [];       // who pressed a star last, and when

    private bool _isOutgrowing;

    private RecordingState? Running => Record.Recordings.Find(recording => recording.Figures is null);

    /// <summary>The parties are known and about to talk: records them where the policy of one of them says so, or a recording is under way. They are told once they hear each other.</summary>
    private async Task RecordIfAskedAsync()
    {
        if (AsksForRecording)
            await RecordAsync(isPaused: Running?.IsPaused ?? false, tells: false);
    }

    private bool AsksForRecording => Running is not null
        || (!Record.StaysUnrecorded && (WantsRecording(_caller, makes: true) || (_callee is { } callee && WantsRecording(callee, makes: false))));

    /// <summary>A digit that a phone pressed while it talks: <c>*1</c> begins to record, then pauses and goes on in turn.</summary>
    private void TakeFeatureDigit(int number, char digit)
    {
        if (_room is not null && _phase == CallPhase.Talking && number == _caller.Number && _stars.TryGetValue(number, out DateTime before) && Now - before < s_codePatience && digit is '5' or '6')
        {
            _stars.Remove(number);
            TakeRoomDigit(digit);
            return;
        }
        if (_room is not null && digit == '*' && number == _caller.Number)
            _stars[number] = Now;
        // Whose call it is may record it; a stranger at a carrier's other end may not.
        if (_phase != CallPhase.Talking || _legs.Find(leg => leg.Number == number) is not { Carrier: null } leg || (!ReferenceEquals(leg, _caller) && !ReferenceEquals(leg, _callee)))
            return;
        bool starred = _stars.Remove(number, out DateTime star) && Now - star < s_codePatience;
        if (digit == '*')
            _stars[number] = Now;
        else if (digit == '1' && starred)
            _tenant.Scheduler.Start(() => RecordByKeyAsync(leg));
    }

    /// <summary>Does as a phone asks by <c>*1</c>; it hears where that is refused, unless it hears something else for as long as it takes: the tone would be in the place of its hold music, for good.</summary>
    private async Task RecordByKeyAsync(CallLeg leg)
    {
        if (await RecordAsync(isPaused: Running is { IsPaused: false }) is not null && leg is { HasMedia: true, Hears: null } && !_over.IsCancellationRequested)
            await BeginPromptAsync(leg, new PromptRequest { Name = Guid.NewGuid().ToString("N"), Sounds = [$"tone/{leg.ToneCountry}/congestion"] });
    }

    /// <summary>Begins, pauses or goes on; or moves the recording to the legs that talk now.</summary>
    /// <param name="isPaused">Whether nothing of what is said is kept.</param>
    /// <param name="tells">Whether the parties are told of it at once.</param>
    /// <returns>Null where it is so; else why not.</returns>
    private async Task<string?> RecordAsync(bool isPaused, bool tells = true)
    {
        if (!_caller.HasMedia || _over.IsCancellationRequested)
            return LegFaults.UnknownLeg;
        RecordingState? state = Running, narrow = null;
        if (OutgrowsRecording)
        {
            // As when the call goes to another media node: what was recorded stays as it is, the rest of the talk is another recording.
            (narrow, state) = (state, null);
            narrow!.Figures = RecordingFigures.None with { DurationMilliseconds = (long)(Now - narrow.StartedAt).TotalMilliseconds };
        }
        bool begins = state is null;
        byte[] key;
        if (state is null)
        {
            if (_tenant.Configuration.StorageFull)
            {
                Record.Decide("limit-storage", "");           // the plan's room is used up: what is there is kept, nothing is added
                return StorageIsFull;
            }
            RecordingId id = RecordingId.New();
            key = RandomNumberGenerator.GetBytes(KeyLength);
            state = new RecordingState { Id = id, StartedAt = Now, SealedKey = Configuration.Seal(id, key), IsNarrow = !IsWide };
            Record.Recordings.Add(state);
            _beginning = narrow is null ? state : null;
        }
        else if (Configuration.Open(state.Id, state.SealedKey) is { } opened)
        {
            key = opened;
        }
        else
        {
            return TenantIsGone;
        }
        bool pauses = isPaused && state.PausedAt is null;
        (bool wasPaused, DateTime? pausedAt) = (state.IsPaused, state.PausedAt);
        (state.IsPaused, state.PausedAt) = (isPaused, isPaused ? state.PausedAt ?? Now : null);
        Changed();
        if (pauses)
            _tenant.Scheduler.Start(() => EndPauseAsync(state));
        string? fault = await AskToRecordAsync(state, key, isPaused);
        // What the node knows of a party's codecs may be what it answered, not what it has: it is asked in either case.
        if (fault is not null && IsOfCodec(fault) && await ChangeCodecAsync())
            fault = await AskToRecordAsync(state, key, isPaused);
        if (begins)
            _beginning = null;
        if (fault is not null)
        {
            LogNotRecorded(Id.ToString(), state.Id.ToString(), fault);
            if (begins)
            {
                GiveUp(state, fault);
                if (narrow is not null)
                    narrow.Figures = null;                        // it goes on
            }
            else if (state.IsPaused == isPaused)
            {
                (state.IsPaused, state.PausedAt) = (wasPaused, pausedAt);         // S34: nobody is to believe in a pause that there is not
                Changed();
            }
        }
        else if (tells)
        {
            await TellOfRecordingAsync();
        }
        if (fault is null && narrow is not null)
            narrow.Figures = await Media.EndRecordingAsync(Id, narrow.Id, CancellationToken.None);       // no packet is between the two
        return fault;
    }

    private Task<string?> AskToRecordAsync(RecordingState state, byte[] key, bool isPaused) => Media.RecordAsync(
        new RecordingRequest
        {
            Recording = state.Id,
            Session = Id,
            Tenant = Record.Tenant,
            Key = key,
            Left = _caller.Media.Leg,
            Right = _callee is { HasMedia: true } callee ? callee.Media.Leg : null,
            IsPaused = isPaused,
        },
        CancellationToken.None);

    /// <summary>A recording did not begin: the record says why, and the next one that is asked for is tried.</summary>
    private void GiveUp(RecordingState state, string fault)
    {
        Record.Decide("recording-failed", fault);
        if (fault == LegFaults.NodeUnavailable)
        {
            // Perhaps it took the command after all: then it is to end, and what there is of it is found by this record alone.
            state.Figures ??= RecordingFigures.None;
            _tenant.Scheduler.Start(async () => state.Figures = await Media.EndRecordingAsync(Id, state.Id, CancellationToken.None));
        }
        else
        {
            Record.Recordings.Remove(state);
        }
        Changed();
    }

    /// <summary>A pause is for a card's number, not for the rest of the call: one that was forgotten ends by itself.</summary>
    private async Task EndPauseAsync(RecordingState state)
    {
        if (_worker.Options.RecordingPauseMinutes is not (> 0 and int minutes) || state.PausedAt is not { } since)
            return;
        Task limit = _tenant.DelayAsync(since + TimeSpan.FromMinutes(minutes) - Now is { Ticks: > 0 } left ? left : TimeSpan.Zero, out TimerHandle timer);
        await _tenant.Scheduler.FirstOf([limit, _release.Task, .. EndsOf(_caller), .. EndsOf(_callee)]);
        timer.Cancel();
        if (_over.IsCancellationRequested || state.PausedAt != since || !ReferenceEquals(Running, state))
            return;
        if (!limit.IsCompleted)
        {
            // A party has left: by a transfer, or the call ends.
            await _tenant.DelayAsync(TimeSpan.FromSeconds(1), out _);
            if (!_over.IsCancellationRequested)
                await EndPauseAsync(state);
            return;
        }
        LogPauseEnded(Id.ToString(), state.Id.ToString(), minutes);
        await RecordAsync(isPaused: false);
    }

    /// <summary>Ends what is recorded, before the legs go.</summary>
    private async Task EndRecordingAsync()
    {
        if (Running is { } state)
            state.Figures = await Media.EndRecordingAsync(Id, state.Id, CancellationToken.None);
    }

    private bool IsWide => _caller.IsWide || _callee is { IsWide: true };

    /// <summary>Whether the talk became wide after its recording began: that has 8 kHz.</summary>
    private bool OutgrowsRecording => IsWide && Running is { IsNarrow: true } && !_tenant.Configuration.StorageFull;

    private async Task OutgrowAsync()
    {
        _isOutgrowing = true;
        try
        {
            if (Running is { } running)
                await RecordAsync(running.IsPaused, tells: false);
        }
        finally
        {
            _isOutgrowing = false;
        }
    }

    private bool WantsRecording(CallLeg leg, bool makes)
    {
        // To an extension a call that it makes is an outbound one; to a trunk one that it brings is inbound.
        RecordingPolicy policy = leg.Carrier?.Trunk.Recording
            ?? (Configuration.Extensions.TryGetValue(leg.Extension, out ConfiguredExtension? extension) ? extension.Recording : RecordingPolicy.Off);
        bool outbound = leg.Carrier is null ? makes : !makes;
        return policy == RecordingPolicy.Always || policy == (outbound ? RecordingPolicy.Outbound : RecordingPolicy.Inbound);
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId}: recording {RecordingId} goes on by itself after a pause of {Minutes} minutes")]
    private partial void LogPauseEnded(string callId, string recordingId, int minutes);

    [LoggerMessage(LogLevel.Warning, "Call {CallId}: the media node did not take recording {RecordingId} ({Fault}); the call goes on")]
    private partial void LogNotRecorded(string callId, string recordingId, string fault);
}
