using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Components.Pages.Calls;
using CloudPbx.Portal.Components.Pages.Dashboard;
using CloudPbx.Portal.Components.Pages.Extensions;
using Microsoft.JSInterop;
using Microsoft.JSInterop.Infrastructure;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>Nothing of a circuit holds a page that its user has left: who works all day would take memory by every click.</summary>
public sealed class LeftPageTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_dashboard_that_was_left_is_garbage() => await GoneAsync<DashboardPage>();

    [Fact]
    public async Task A_list_of_extensions_that_was_left_is_garbage() => await GoneAsync<ExtensionListPage>();

    [Fact]
    public async Task A_list_of_calls_that_was_left_is_garbage() => await GoneAsync<CallListPage>();

    private static async Task GoneAsync<T>()
        where T : TenantPage
    {
        await using PortalContext context = new(new Browser());
        context.Api.On("GET /v1/tenants/acme/extensions", new Page<ExtensionDto>([], null));
        context.Api.On("GET /v1/tenants/acme/calls", new Page<CallRecordDto>([], null));
        WeakReference page = await VisitAsync<T>(context);
        // MudBlazor takes leave of a page's menus half a second later, many at a time.
        for (long begin = Stopwatch.GetTimestamp(); page.IsAlive && Stopwatch.GetElapsedTime(begin) < s_patience; await Task.Delay(20, Xunit.TestContext.Current.CancellationToken))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(page.IsAlive, $"{typeof(T).Name} is held by what lives as long as the circuit.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> VisitAsync<T>(PortalContext context)
        where T : TenantPage
    {
        WeakReference page = new(context.Bunit.Render<T>(p => p.Add(t => t.Tenant, "acme")).Instance);
        await context.Bunit.DisposeComponentsAsync();
        return page;
    }

    /// <summary>As a circuit's: what a script was given a reference to is held until that reference is disposed, and nothing else is.</summary>
    private sealed class Browser : JSRuntime
    {
        protected override void BeginInvokeJS(long taskId, string identifier, string? argsJson, JSCallResultType resultType, long targetInstanceId) =>
            DotNetDispatcher.EndInvokeJS(this, $"[{taskId.ToString(CultureInfo.InvariantCulture)},true,null]");

        protected override void BeginInvokeJS(in JSInvocationInfo invocationInfo) => BeginInvokeJS(invocationInfo.AsyncHandle, invocationInfo.Identifier, invocationInfo.ArgsJson, invocationInfo.ResultType, invocationInfo.TargetInstanceId);

        protected override void EndInvokeDotNet(DotNetInvocationInfo invocationInfo, in DotNetInvocationResult invocationResult)
        {
        }
    }
}
