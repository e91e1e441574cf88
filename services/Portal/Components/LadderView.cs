using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Components;

/// <summary>A call's SIP messages as a drawing: who stands where, and what each arrow says.</summary>
public sealed class LadderView
{
    private readonly Texts _texts;
    private readonly Dictionary<int, LadderParty> _parties;

    /// <summary>Lays a ladder out.</summary>
    /// <param name="ladder">The messages.</param>
    /// <param name="texts">The words.</param>
    public LadderView(CallLadderDto ladder, Texts texts)
    {
        ArgumentNullException.ThrowIfNull(ladder);
        _texts = texts;
        Ladder = ladder;
        _parties = ladder.Parties.DistinctBy(party => party.Leg).ToDictionary(party => party.Leg);
        // The caller stands left of us, whom it called right of us, in the order in which they were called.
        Left = [.. ladder.Parties.Where(party => party.Side == CallParty.Caller).DistinctBy(party => party.Leg)];
        Right = [.. ladder.Parties.Where(party => party.Side != CallParty.Caller).DistinctBy(party => party.Leg)];
    }

    /// <summary>The messages.</summary>
    public CallLadderDto Ladder { get; }

    /// <summary>Who stands left.</summary>
    public IReadOnlyList<LadderParty> Left { get; }

    /// <summary>Who stands right.</summary>
    public IReadOnlyList<LadderParty> Right { get; }

    /// <summary>How many stand there, we among them.</summary>
    public int Lanes => Left.Count + 1 + Right.Count;

    /// <summary>The messages that can be drawn: whose party is there.</summary>
    public IEnumerable<LadderMessage> Messages => Ladder.Messages.Where(message => _parties.ContainsKey(message.Leg));

    /// <summary>A message's party.</summary>
    /// <param name="message">The message.</param>
    public LadderParty PartyOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _parties[message.Leg];
    }

    /// <summary>Where an arrow is drawn.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The lines of a grid of half lanes, the first one 1, that it lies between; whether it points to the right.</returns>
    public (int From, int To, bool ToRight) ArrowOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        int ours = Left.Count, theirs = LaneOf(message.Leg);
        (int first, int last) = ours < theirs ? (ours, theirs) : (theirs, ours);
        return (2 + (2 * first), 2 + (2 * last), message.FromParty == theirs < ours);
    }

    /// <summary>What the arrow says.</summary>
    /// <param name="message">The message.</param>
    public string LabelOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message switch
        {
            { Note: not null } => _texts["ladder.unreached"],
            { Status: 0 } => $"{message.Method} {message.Target}".TrimEnd(),
            _ => string.Create(CultureInfo.InvariantCulture, $"{message.Status} {message.Phrase}").TrimEnd(),
        };
    }

    /// <summary>What kind of word it is: the name of its colour.</summary>
    /// <param name="message">The message.</param>
    public static string ClassOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message switch
        {
            { Note: not null } or { IsUnsent: true } => "bad",
            { Status: 0 } => "ask",
            { Status: >= 200 and < 300 } => "good",
            { Status: < 400 or 401 or 407 or 487 } => "early",                    // a challenge is no failure, nor is the end of what was cancelled
            _ => "bad",
        };
    }

    /// <summary>How an arrow is drawn: its colour, whither it points, whether it is whole.</summary>
    /// <param name="message">The message.</param>
    public string StyleOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        string shape = message.Note is not null ? "note" : ArrowOf(message).ToRight ? "right" : "left";
        return $"arrow {ClassOf(message)} {shape}{(message.Repeats > 0 || message.IsUnsent ? " dashed" : "")}";
    }

    /// <summary>Who speaks.</summary>
    /// <param name="message">The message.</param>
    public string SpeakerOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.FromParty ? PartyOf(message).Name : _texts["ladder.pbx"];
    }

    /// <summary>Whom it is said to.</summary>
    /// <param name="message">The message.</param>
    public string ListenerOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.FromParty ? _texts["ladder.pbx"] : PartyOf(message).Name;
    }

    /// <summary>The whole message in a sentence, for who hears the page.</summary>
    /// <param name="message">The message.</param>
    public string SentenceOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Note is not null ? $"{TimeOf(message)}: {PartyOf(message).Name}: {LabelOf(message)}" : _texts["ladder.says", TimeOf(message), SpeakerOf(message), ListenerOf(message), string.Join(' ', [LabelOf(message), .. MarksOf(message)])];
    }

    /// <summary>What an arrow says beside its label: that it has a description of media, how often it was sent.</summary>
    /// <param name="message">The message.</param>
    public static IEnumerable<string> MarksOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Media is not null)
            yield return "SDP";
        if (message.Repeats > 0)
            yield return $"×{message.Repeats + 1}";
    }

    /// <summary>When, after the call began.</summary>
    /// <param name="message">The message.</param>
    public string TimeOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.At < 1000 ? _texts["call.milliseconds", message.At] : _texts["ladder.seconds", (message.At / 1000.0).ToString("N2", CultureInfo.CurrentCulture)];
    }

    /// <summary>What else is known of a message, each with its name.</summary>
    /// <param name="message">The message.</param>
    public IReadOnlyList<(string Name, string Value)> DetailsOf(LadderMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        List<(string, string)> details = [];
        void Add(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                details.Add((_texts[key], value));
        }

        Add("ladder.note", message.Note);
        if (message.Method is not null)
            Add("ladder.cseq", string.Create(CultureInfo.InvariantCulture, $"{message.CSeq} {message.Method}"));
        Add("ladder.target", message.Target);
        Add("ladder.identity", message.Identity);
        Add("ladder.reason", message.Reason);
        Add("ladder.warning", message.Warning);
        if (message.RetryAfter is { } seconds)
            Add("ladder.retry-after", _texts["ladder.seconds", seconds]);
        if (message.Media is { } media)
            Add("ladder.media", SoundOf(media));
        if (message.HasCredentials)
            Add("ladder.credentials", _texts["ladder.credentials-hidden"]);
        if (message.Repeats > 0)
            Add("ladder.repeats", _texts.Count("ladder.again", message.Repeats));
        if (message.IsUnsent)
            Add("ladder.unsent", _texts["ladder.unsent-why"]);
        Add("ladder.call-id", PartyOf(message).CallId is { } id ? id + "…" : null);
        return details;
    }

    /// <summary>What a session description says, in words.</summary>
    /// <param name="media">It.</param>
    public string SoundOf(LadderMedia media)
    {
        ArgumentNullException.ThrowIfNull(media);
        if (media.IsRefused)
            return _texts["ladder.no-audio"];
        List<string> words = [string.Join(", ", media.Codecs), _texts["ladder.direction-" + media.Direction.ToString().ToLowerInvariant()], _texts["ladder.security-" + media.Security.ToString().ToLowerInvariant()]];
        if (media.HasOthers)
            words.Add(_texts["ladder.others"]);
        return string.Join("; ", words.Where(word => word.Length > 0));
    }

    /// <summary>What a party is, in words.</summary>
    /// <param name="party">It.</param>
    public string KindOf(LadderParty party)
    {
        ArgumentNullException.ThrowIfNull(party);
        return string.Join(" ", ((string?[])[_texts["ladder.kind-" + party.Kind.ToString().ToLowerInvariant()], party.Number]).Where(word => !string.IsNullOrEmpty(word)));
    }

    private int LaneOf(int leg)
    {
        for (int i = 0; i < Left.Count; i++)
            if (Left[i].Leg == leg)
                return i;
        for (int i = 0; i < Right.Count; i++)
            if (Right[i].Leg == leg)
                return Left.Count + 1 + i;
        return Left.Count;
    }
}
