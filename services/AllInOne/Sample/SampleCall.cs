using CloudPbx.Contracts.Events;

namespace CloudPbx.AllInOne.Sample;

/// <summary>A call of the sample, as far as its steps and messages are made of it.</summary>
internal sealed record SampleCall
{
    public const string Trunk = "carrier";

    /// <summary>How it ends.</summary>
    public required SampleEnd End { get; init; }

    /// <summary>Between whom.</summary>
    public required CallDirection Direction { get; init; }

    /// <summary>The caller's number.</summary>
    public required string Caller { get; init; }

    /// <summary>What is dialled.</summary>
    public required string Dialled { get; init; }

    /// <summary>The number outside, or ours that is called from there.</summary>
    public string? Outside { get; init; }

    /// <summary>The number of ours that is shown outside.</summary>
    public required string OwnNumber { get; init; }

    /// <summary>The extension that is called.</summary>
    public required string Callee { get; init; }

    /// <summary>The one to whom the call is sent on.</summary>
    public required string Colleague { get; init; }

    /// <summary>How long it rings, in milliseconds.</summary>
    public required int Rings { get; init; }

    /// <summary>How long they talk, in milliseconds.</summary>
    public int Talks { get; init; }

    /// <summary>Who ends it.</summary>
    public CallParty ReleasedBy { get; init; }

    /// <summary>Whether the sound is encrypted.</summary>
    public bool Encrypted { get; init; }

    /// <summary>A number that is equal for equal calls: picks phones, addresses and the like.</summary>
    public required int Seed { get; init; }

    /// <summary>Whether somebody answers.</summary>
    public bool IsAnswered => End is SampleEnd.Answered or SampleEnd.AnsweredByColleague;

    /// <summary>What the caller's phone is told.</summary>
    public int Status => End switch
    {
        SampleEnd.Answered or SampleEnd.AnsweredByColleague => 200,
        SampleEnd.Busy => 486,
        SampleEnd.Declined => 603,
        SampleEnd.Cancelled => 487,
        SampleEnd.UnknownNumber => 404,
        SampleEnd.NoCommonCodec => 488,
        SampleEnd.Barred => 403,
        SampleEnd.CarrierAway => 500,
        _ => 480,
    };

    /// <summary>The Q.850 cause and its words.</summary>
    public (int? Cause, string? Reason) Why => End switch
    {
        SampleEnd.Answered or SampleEnd.AnsweredByColleague => (16, "Normal call clearing"),
        SampleEnd.NoAnswer => (19, "No answer"),
        SampleEnd.Cancelled => (null, "Caller gave up"),
        SampleEnd.Busy => (17, "User busy"),
        SampleEnd.UnknownNumber when Direction == CallDirection.Outbound => (1, "Unallocated number"),
        _ => (null, null),
    };

    /// <summary>What decides where it goes, as the router says it.</summary>
    public IReadOnlyList<DecisionStep> Steps()
    {
        List<DecisionStep> steps = [];
        switch (Direction)
        {
            case CallDirection.Internal:
                steps.Add(new("dialled", Dialled));
                steps.Add(End == SampleEnd.UnknownNumber ? new("unknown-number", Dialled) : new("extension", Callee));
                break;
            case CallDirection.Inbound:
                steps.Add(new("inbound-trunk", Trunk));
                steps.Add(new("called", Dialled));
                if (End == SampleEnd.UnknownNumber)
                {
                    steps.Add(new("unknown-did", Dialled));
                    break;
                }
                steps.Add(new("did", Dialled));
                steps.Add(new("extension", Callee));
                break;
            default:
                steps.Add(new("dialled", Dialled));
                steps.Add(new("outside-prefix", $"9 leaves {Outside}"));
                if (End == SampleEnd.Barred)
                {
                    steps.Add(new("route", "premium (prefix 0900)"));
                    steps.Add(new("barred", "premium"));
                    break;
                }
                steps.Add(new("route", "all (prefix any)"));
                steps.Add(new("trunk", Trunk));
                steps.Add(new("caller-of-tenant", OwnNumber));
                break;
        }
        if (End == SampleEnd.AnsweredByColleague)
        {
            steps.Add(new("forward-no-answer", $"{Callee} → {Colleague}"));
            steps.Add(new("extension", Colleague));
        }
        return steps;
    }
}
