namespace CloudPbx.CallControl.Routing;

/// <summary>Collects the steps of one decision.</summary>
internal sealed class RouteTrail
{
    private readonly List<RouteStep> _steps = [];

    public void Add(string rule, string value) => _steps.Add(new RouteStep(rule, value));

    public RoutePlan To(RouteTarget target) => new(target, _steps);

    public RoutePlan Refuse(int status, string rule, string value)
    {
        Add(rule, value);
        return To(new RouteTarget.Refused(status));
    }
}
