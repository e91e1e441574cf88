namespace CloudPbx.Contracts.Trunks;

/// <summary>
/// After which final answers the next trunk is tried: statuses (<c>404</c>) and classes (<c>5xx</c>). A trunk that cannot be reached, refuses us for what no callee knows of, or answers
/// with a redirection, which is not followed, always fails over.
/// </summary>
public static class FailoverCauses
{
    /// <summary>
    /// What a route has that says nothing: 408 and 5xx say that the carrier failed, 403 that this one refuses us; 480, 486, 6xx are the callee's own answer and end the hunting (I29).
    /// </summary>
    public static IReadOnlyList<string> Default { get; } = ["403", "408", "5xx"];

    /// <summary>Whether a text is a status from 300 to 699 or a class from 3xx to 6xx.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(string text) =>
        text.Length == 3 && text[0] is >= '3' and <= '6' && (text[1..] == "xx" || (char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2])));

    /// <summary>Whether the next trunk is tried after a status.</summary>
    /// <param name="causes">The route's list.</param>
    /// <param name="status">The carrier's final status; 0 where it could not be reached.</param>
    public static bool Include(IReadOnlyList<string> causes, int status) => status is >= 300 and < 400 || IsCarriersOwn(status) || IsListed(causes, status);

    // Our account (401, 407), our credit (402), how we speak (420, 421). What else is the carrier's own may for some carriers be the callee's: there the route decides.
    private static bool IsCarriersOwn(int status) => status is 0 or 401 or 402 or 407 or 420 or 421;

    private static bool IsListed(IReadOnlyList<string> causes, int status) =>
        causes.Any(cause => cause[0] - '0' == status / 100
            && (cause[1] == 'x' || ((cause[1] - '0') * 10) + (cause[2] - '0') == status % 100));
}
