namespace CloudPbx.Api;

/// <summary>Says what a request's body is.</summary>
internal static class BodyDescriptions
{
    /// <summary>What <c>curl -d</c> calls its body is no reason to refuse it: every type is taken and read as JSON. <see cref="ApiParameters"/> leaves this one out of the document.</summary>
    public const string AnyType = "*/*";

    /// <summary>Describes the body and the problems that a wrong one gets.</summary>
    /// <typeparam name="T">What the body is.</typeparam>
    /// <param name="endpoint">The endpoint, which reads the body itself.</param>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint)
        where T : notnull =>
        endpoint.Accepts<T>("application/json", AnyType).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
}
