namespace CloudPbx.Load.Report;

/// <summary>One line of the table.</summary>
/// <param name="Name">Which bench.</param>
/// <param name="Unit">What the figures count.</param>
/// <param name="Ours">The product's figure.</param>
internal sealed record BenchResult(string Name, string Unit, double Ours)
{
    /// <summary>The peer's figure on the same load.</summary>
    public double? Peer { get; init; }

    public string? PeerName { get; init; }

    /// <summary>What nobody can be faster than: the C relay.</summary>
    public double? Floor { get; init; }

    /// <summary>What is to be reached.</summary>
    public Goal? Goal { get; init; }

    /// <summary>What helpers cost for each unit: stores, generator.</summary>
    public IReadOnlyDictionary<string, double> Others { get; init; } = new Dictionary<string, double>();

    /// <summary>What a reader of the figure has to know.</summary>
    public string Note { get; init; } = "";

    public double? Ratio => Ours / Peer;
}
