using System.Collections.Concurrent;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>A media node that agrees to everything and writes down what it was asked.</summary>
internal sealed class FakeMedia : IMediaNode
{
    /// <summary>All commands so far, in words: <c>offer 1 savp like 0</c>, <c>bridge 0 1</c> …</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>The peers' answers, in order.</summary>
    public ConcurrentQueue<string> Answers { get; } = new();

    /// <summary>The peers' offers, in order.</summary>
    public ConcurrentQueue<string> Offers { get; } = new();

    /// <summary>Policies by leg, as they were given last.</summary>
    public ConcurrentDictionary<int, LegPolicy> Policies { get; } = new();

    /// <summary>Legs whose peers offered SRTP.</summary>
    public ConcurrentBag<int> EncryptedOffers { get; } = [];

    /// <summary>Whether its offers are longer than a datagram should be.</summary>
    public bool Long { get; set; }

    /// <summary>What an offer with this word in it is refused with.</summary>
    public string UnacceptableWord { get; set; } = "unacceptable";

    /// <summary>And why.</summary>
    public string UnacceptableFault { get; set; } = LegFaults.NoCommonCodec;

    /// <summary>How many legs of a call have a port beside those for help.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Why it makes no leg at all, those for help included; null where it does.</summary>
    public string? RefusesAll { get; set; }

    /// <summary>Whether nothing that can be decoded is left to agree on: the other parties speak something else alone.</summary>
    public bool HasNothingDecodable { get; set; }

    /// <summary>Whether what is agreed on can only be passed on, where the leg's policy lets it be.</summary>
    public bool OnlyPasses { get; set; }

    private string? FaultFor(LegId leg, LegPolicy policy) => RefusesAll ?? (HasNothingDecodable && policy.DecodableOnly ? LegFaults.NoCommonCodec : null) ?? (leg.Leg >= Room && !policy.ForHelp ? LegFaults.NoFreePort : null);

    // Who was asked for a fax by the other party and has agreed.
    private readonly ConcurrentDictionary<int, bool> _faxes = new();

    /// <summary>A command whose first word this is throws: a bug of ours, for the test's sake.</summary>
    public string? Faulty { get; set; }

    /// <summary>A command whose first word this is gets no answer.</summary>
    public string? Hanging { get; set; }

    private readonly TaskCompletionSource _late = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The node was slow, not gone: commands that hang get their answers now.</summary>
    public void AnswerLate() => _late.TrySetResult();

    private async Task<LegDescription> HangAsync(CancellationToken cancel)
    {
        await _late.Task.WaitAsync(cancel);
        return await Described(new LegId(default, -1), "v=0", false, false);
    }

    /// <summary>What a new owner hears who asks for a session.</summary>
    public AttachOutcome Attaching { get; set; }

    /// <summary>Whether who asks for a session hears nothing.</summary>
    public bool IsSilent { get; set; }

    public Task<AttachOutcome> AttachAsync(CallId session, CancellationToken cancel)
    {
        Commands.Enqueue("attach");
        if (IsSilent)
            return new TaskCompletionSource<AttachOutcome>().Task.WaitAsync(cancel);
        return Task.FromResult(Attaching);
    }

    /// <summary>Whether there is another node for sessions that must leave this one.</summary>
    public bool HasOther { get; set; }

    /// <summary>The sessions' former node, while it lives.</summary>
    public FakeMedia? Former { get; set; }

    public Task<MediaMove?> MoveAsync(CallId session, ConferenceId? conference, CancellationToken cancel)
    {
        Commands.Enqueue(conference is null ? "move" : $"move beside {conference}");
        if (conference is not null && HasOther)
            ConferencesElsewhere = false;                         // the session is where they are
        return Task.FromResult(HasOther ? new MediaMove(Former, this, () => Commands.Enqueue("undo-move")) : null);
    }

    public Task<bool> RestoreAsync(LegId leg, LegPolicy policy, string state, CancellationToken cancel)
    {
        Commands.Enqueue($"restore {leg.Leg} {state}");
        return Task.FromResult(true);
    }

    public Task<LegDescription> OfferAsync(LegId leg, LegPolicy policy, LegId? like, CancellationToken cancel)
    {
        Policies[leg.Leg] = policy;
        if (FaultFor(leg, policy) is { } fault)
            return Task.FromResult(LegDescription.Refused(fault));
        string form = policy.Srtp == SrtpPolicy.Required || (policy.Srtp == SrtpPolicy.Optional && policy.OfferSecureProfile) ? "savp" : "avp";
        Commands.Enqueue($"offer {leg.Leg} {form} like {like?.Leg.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nobody"}");
        string more = policy.AudioOnly ? "" : Offers.LastOrDefault() switch
        {
            { } offer when offer.Contains("video", StringComparison.Ordinal) => " video",
            { } offer when offer.Contains("fax", StringComparison.Ordinal) => " fax",
            _ => "",
        };
        return Described(leg, $"v=0 our offer {form}{more}{(Long ? new string('x', 1000) : "")}", form == "savp", more == " video");
    }

    public Task<LegDescription> ReceiveOfferAsync(LegId leg, LegPolicy policy, string remoteSdp, CancellationToken cancel)
    {
        Policies[leg.Leg] = policy;
        if (FaultFor(leg, policy) is { } fault)
            return Task.FromResult(LegDescription.Refused(fault));
        Commands.Enqueue($"receive-offer {leg.Leg}");
        Offers.Enqueue(remoteSdp);
        if (remoteSdp.Contains("savp", StringComparison.Ordinal))
            EncryptedOffers.Add(leg.Leg);
        return remoteSdp.Contains(UnacceptableWord, StringComparison.Ordinal)
            ? Task.FromResult(LegDescription.Refused(UnacceptableFault))
            : Task.FromResult(new LegDescription(true, null, null, Direction.SendRecv, null, remoteSdp.Contains("savp", StringComparison.Ordinal), remoteSdp.Contains("sendonly", StringComparison.Ordinal))
            {
                AsksPartner = remoteSdp.Contains("fax", StringComparison.Ordinal) != _faxes.ContainsKey(leg.Leg),
            });
    }

    public Task<LegDescription> AnswerAsync(LegId leg, LegId? like, CancellationToken cancel)
    {
        if (Faulty == "answer")
            throw new InvalidOperationException("faulty");
        Commands.Enqueue($"answer {leg.Leg} like {like?.Leg.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nobody"}");
        if (Offers.LastOrDefault() is { } offer && offer.Contains("fax", StringComparison.Ordinal))
        {
            if (like is null || !_faxes.ContainsKey(like.Value.Leg))
                return Task.FromResult(LegDescription.Refused(LegFaults.NoAudio));
            _faxes[leg.Leg] = true;
            return Described(leg, "v=0 our fax answer", false, true);
        }
        _faxes.TryRemove(leg.Leg, out _);
        return Described(leg, "v=0 our answer", EncryptedOffers.Contains(leg.Leg));
    }

    public Task<LegDescription> ReceiveAnswerAsync(LegId leg, string remoteSdp, CancellationToken cancel)
    {
        Commands.Enqueue($"receive-answer {leg.Leg}");
        Answers.Enqueue(remoteSdp);
        bool faxes = remoteSdp.Contains("fax", StringComparison.Ordinal);
        if (faxes)
            _faxes[leg.Leg] = true;
        else
            _faxes.TryRemove(leg.Leg, out _);
        if (Hanging == "receive-answer")
            return HangAsync(cancel);
        return remoteSdp.Contains(UnacceptableWord, StringComparison.Ordinal)
            ? Task.FromResult(LegDescription.Refused(LegFaults.NoCommonCodec))
            : Described(leg, "v=0", remoteSdp.Contains("savp", StringComparison.Ordinal), faxes, remoteSdp.Contains("sendonly", StringComparison.Ordinal));
    }

    public Task BridgeAsync(LegId a, LegId b, CancellationToken cancel) => Note($"bridge {a.Leg} {b.Leg}");

    public Task BridgeEarlyAsync(LegId caller, LegId callee, CancellationToken cancel) => Note($"bridge-early {caller.Leg} {callee.Leg}");

    public Task UnbridgeAsync(LegId a, CancellationToken cancel) => Note($"unbridge {a.Leg}");

    public Task EchoAsync(LegId leg, CancellationToken cancel) => Note($"echo {leg.Leg}");

    public Task PlayAsync(LegId leg, Tone tone, CancellationToken cancel) => Note($"play {leg.Leg} {tone}");

    /// <summary>Prompts as they were asked for, in order.</summary>
    public ConcurrentQueue<(LegId Leg, PromptRequest Prompt)> Prompts { get; } = new();

    public Task<bool> PromptAsync(LegId leg, PromptRequest prompt, CancellationToken cancel)
    {
        Commands.Enqueue($"prompt {leg.Leg} {string.Join(' ', prompt.Sounds)}");
        Prompts.Enqueue((leg, prompt));                           // last: tests wait for it, and look at the commands then
        return Task.FromResult(true);
    }

    public Task SendDigitsAsync(LegId leg, string digits, CancellationToken cancel) => Note($"send-digits {leg.Leg} {digits}");

    /// <summary>Whether conferences are on another node than the calls.</summary>
    public bool ConferencesElsewhere { get; set; }

    /// <summary>Of which conferences it was asked whether they are where a call is, in order.</summary>
    public ConcurrentQueue<ConferenceId> Placed { get; } = new();

    public Task<bool> PlaceAsync(CallId session, ConferenceId conference, CancellationToken cancel)
    {
        Placed.Enqueue(conference);
        return Task.FromResult(!ConferencesElsewhere);
    }

    public Task PlaceBesideAsync(CallId session, CallId other, CancellationToken cancel) => Note("place-beside");

    public Task<bool> JoinAsync(LegId leg, ConferencePlace place, CancellationToken cancel)
    {
        Commands.Enqueue($"join {leg.Leg} {place.Conference}{(place.IsMuted ? " muted" : "")}{(place.Signals ? " with signals" : "")}");
        return Task.FromResult(!ConferencesElsewhere);
    }

    public Task<string?> SuperviseAsync(LegId leg, LegId party, SupervisionMode mode, CancellationToken cancel)
    {
        Commands.Enqueue($"supervise {leg.Leg} {party.Leg} {mode}");
        return Task.FromResult(Deafness(Policies.Keys));
    }

    public Task StopAsync(LegId leg, CancellationToken cancel) => Note($"stop {leg.Leg}");

    /// <summary>What a leg counted, beside its packets.</summary>
    public LegStatistics Figures { get; set; } = new() { Codec = "PCMA", PacketsReceived = 90 };

    public Task<LegStatistics> RemoveAsync(LegId leg, CancellationToken cancel)
    {
        Commands.Enqueue($"remove {leg.Leg}");
        return Task.FromResult(Figures with { PacketsSent = 100 + leg.Leg });
    }

    /// <summary>The node knows of no recording any more.</summary>
    public bool RecordingsLost { get; set; }

    /// <summary>Recordings as they were asked for, in order.</summary>
    public ConcurrentQueue<RecordingRequest> Recordings { get; } = new();

    /// <summary>Why nobody can listen to its legs, as long as not all of them have agreed on another codec; null where one can.</summary>
    public string? Deaf { get; set; }

    private string? Deafness(params IEnumerable<int> legs) => Deaf is LegFaults.OtherCodecNeeded or LegFaults.NotDecodable && legs.All(leg => Policies[leg].DecodableOnly) ? null : Deaf;

    /// <summary>Whether it takes no command to record.</summary>
    public bool RefusesRecordings { get; set; }

    public Task<string?> RecordAsync(RecordingRequest request, CancellationToken cancel)
    {
        Recordings.Enqueue(request);
        Commands.Enqueue($"record {request.Left} {request.Right?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nobody"}{(request.IsPaused ? " paused" : "")}");
        return Task.FromResult(RefusesRecordings ? LegFaults.BadCommand : Deafness(request.Right is { } right ? [request.Left, right] : [request.Left]));
    }

    public Task<RecordingFigures> EndRecordingAsync(CallId session, RecordingId recording, CancellationToken cancel)
    {
        Commands.Enqueue("end-recording");
        return Task.FromResult(RecordingsLost ? RecordingFigures.None : new RecordingFigures { Known = true, DurationMilliseconds = 5000, Length = 160_000, Sha256 = new string('a', 64) });
    }

    /// <summary>Whether what is agreed on from now on is wide.</summary>
    public bool Wide { get; set; }

    private Task<LegDescription> Described(LegId leg, string sdp, bool encrypted, bool passesMore = false, bool held = false) =>
        Task.FromResult(new LegDescription(true, null, sdp, Direction.SendRecv, "PCMA", encrypted, held)
        {
            State = "as agreed",
            PassesMore = passesMore,
            IsWide = Wide,
            IsOnlyPassed = OnlyPasses && Policies.TryGetValue(leg.Leg, out LegPolicy? policy) && !policy.DecodableOnly,
        });

    private Task Note(string command)
    {
        Commands.Enqueue(command);
        return Task.CompletedTask;
    }
}
