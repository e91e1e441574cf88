namespace CloudPbx.Portal.Components.Shared;

/// <summary>One part of a whole.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Count">How much of it there is.</param>
/// <param name="Tone">Its colour: a class of <c>portal.css</c>.</param>
public sealed record SharePart(string Label, int Count, string Tone);
