namespace CloudPbx.CallControl.Calls;

/// <summary>Who is called next for somebody: an extension's phones, a number outside, both of several forwards, or nobody.</summary>
/// <param name="Phones">Phones, which do not ring yet.</param>
/// <param name="Hunts">Numbers outside, which are not called yet.</param>
/// <param name="Status">Where it is nobody: the status that says why.</param>
/// <param name="RingTime">How long they ring.</param>
internal sealed record Onward(IReadOnlyList<PhoneAttempt> Phones, IReadOnlyList<TrunkHunt> Hunts, int Status, TimeSpan RingTime)
{
    /// <summary>Nobody.</summary>
    public static Onward Nobody(int status) => new([], [], status, TimeSpan.Zero);

    /// <summary>Where the caller goes instead of letting somebody ring: a conference room, the echo test; null: nowhere.</summary>
    public Routing.RouteTarget? Instead { get; init; }

    /// <summary>Whether somebody is called.</summary>
    public bool Any => Phones.Count + Hunts.Count > 0;

    /// <summary>Both.</summary>
    /// <remarks>The status is that of the last one that says something.</remarks>
    public Onward And(Onward other) => new([.. Phones, .. other.Phones], [.. Hunts, .. other.Hunts], other.Status == 0 ? Status : other.Status, RingTime > other.RingTime ? RingTime : other.RingTime)
    {
        Instead = Instead ?? other.Instead,
    };

    /// <summary>Lets them ring.</summary>
    public IEnumerable<RingingBranch> Begin() => [.. Phones.Select(RingingBranch.Of), .. Hunts.Select(RingingBranch.Of)];
}
