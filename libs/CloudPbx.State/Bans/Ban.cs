namespace CloudPbx.State.Bans;

/// <summary>A ban in force.</summary>
/// <param name="Subject">Who is banned.</param>
/// <param name="Since">From when, UTC.</param>
/// <param name="Until">Until when, UTC.</param>
/// <param name="Strikes">How often it was banned, this time included: each ban is twice as long as the one before.</param>
public sealed record Ban(BanSubject Subject, DateTime Since, DateTime Until, int Strikes);
