using System.Text.RegularExpressions;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>Every dialog in which something is typed.</summary>
public sealed class DialogTests
{
    public static TheoryData<string> All =>
        [.. typeof(PortalPage).Assembly.GetTypes().Where(type => type.Name.EndsWith("Dialog", StringComparison.Ordinal) && type.IsSubclassOf(typeof(PortalPage)) && type.Name != "SupervisionDialog").Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_the_API_refuses_is_said_in_Chinese_and_nothing_typed_is_lost(string name)
    {
        await using PortalContext context = new("zh-CN");
        context.Api.Otherwise = FakeAnswers.Of;
        Type type = typeof(PortalPage).Assembly.GetType(name)!;
        await context.Dialogs.InvokeAsync(() => context.Bunit.Services.GetRequiredService<IDialogService>().ShowAsync(type, "title", Parameters(type, context)));
        context.Dialogs.WaitForElement(".mud-dialog");
        string[] fields = [.. context.Dialogs.FindAll(".mud-dialog input[id], .mud-dialog textarea[id]").Where(field => !field.HasAttribute("readonly") && !field.Id!.StartsWith("mud", StringComparison.Ordinal)
            && field.GetAttribute("type") is not ("checkbox" or "radio")).Select(field => field.Id!)];
        Assert.NotEmpty(fields);
        for (int i = 0; i < fields.Length; i++)
            context.Dialogs.Find("#" + fields[i]).Change(Typed(fields[i], i));
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("须为 2 到 8 位数字", context.Dialogs.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        for (int i = 0; i < fields.Length; i++)
        {
            var field = context.Dialogs.Find("#" + fields[i]);
            Assert.Equal(Typed(fields[i], i), field.GetAttribute("value") ?? field.TextContent);
        }
    }

    // Fields for figures take figures.
    private static string Typed(string field, int index) => Regex.IsMatch(field, "^plan-(?!name|display)") ? $"{index + 3}" : $"typed {index}";

    private static DialogParameters Parameters(Type type, PortalContext context)
    {
        DialogParameters parameters = [];
        foreach (var property in type.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute), true)))
        {
            object? value = property.Name switch
            {
                "Tenant" => "acme",
                "From" => "100",
                "Owner" => context.Api.Client().Of("acme"),
                "Device" => new DeviceDto { Id = DeviceId.New(), Extension = "100", Name = "desk", AuthUser = "100", Encryption = SrtpPolicy.Optional, DigestSha256 = false },
                "Call" => new LiveCallDto { Id = CallId.New(), CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UnixEpoch },
                _ => null,
            };
            if (value is not null)
                parameters.Add(property.Name, value);
        }
        return parameters;
    }
}
