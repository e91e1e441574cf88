namespace CloudPbx.Contracts.Api;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The items, in the list's order.</param>
/// <param name="Next">What to give as <c>after</c> for the next page, or <see langword="null"/> on the last one. Opaque: do not take it apart.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
