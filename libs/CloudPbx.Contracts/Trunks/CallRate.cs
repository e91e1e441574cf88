namespace CloudPbx.Contracts.Trunks;

/// <summary>What a minute of a call to numbers that begin with a prefix costs.</summary>
/// <param name="Prefix">A plus and digits, the beginning of numbers in E.164; empty: every number. The longest that fits decides.</param>
/// <param name="MicroUnitsPerMinute">Millionths of the table's currency.</param>
public sealed record CallRate(string Prefix, long MicroUnitsPerMinute);
