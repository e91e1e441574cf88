using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.Languages;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace CloudPbx.Portal.Components;

/// <summary>What every page can do: ask the API, say what went wrong, ask before something is destroyed.</summary>
public abstract class PortalPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    /// <summary>The API.</summary>
    [Inject] protected PbxApi Api { get; set; } = null!;

    /// <summary>The words.</summary>
    [Inject] protected Texts T { get; set; } = null!;

    /// <summary>Where we are.</summary>
    [Inject] protected NavigationManager Navigation { get; set; } = null!;

    /// <summary>Short messages.</summary>
    [Inject] protected ISnackbar Messages { get; set; } = null!;

    /// <summary>Questions.</summary>
    [Inject] protected IDialogService Dialogs { get; set; } = null!;

    /// <summary>The browser.</summary>
    [Inject] protected IJSRuntime Browser { get; set; } = null!;

    /// <summary>Instants in the user's zone.</summary>
    [CascadingParameter] protected Clock Clock { get; set; } = null!;

    /// <summary>Ends when the user goes to another page.</summary>
    protected CancellationToken Gone => _gone.Token;

    /// <summary>Whether something is being done that the user waits for.</summary>
    protected bool Busy { get; private set; }

    /// <summary>Why what the page shows could not be read.</summary>
    protected ApiProblem? Fault { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
        Left();
        GC.SuppressFinalize(this);
    }

    /// <summary>The user left the page.</summary>
    protected virtual void Left()
    {
    }

    /// <summary>Reads what the page shows.</summary>
    /// <param name="read">The reading.</param>
    protected async Task LoadAsync(Func<Task> read)
    {
        Fault = null;
        try
        {
            await read();
        }
        catch (ApiProblemException fault)
        {
            if (!SignInAgain(fault.Problem))
                Fault = fault.Problem;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // nobody waits for it any more
        }
    }

    /// <summary>Does something that the user asked for.</summary>
    /// <param name="act">The deed.</param>
    /// <param name="errors">Takes what is wrong with the form; without it a message says so.</param>
    /// <param name="shown">The fields that the form has.</param>
    /// <returns>Whether it was done.</returns>
    protected async Task<bool> TryAsync(Func<Task> act, FormErrors? errors = null, params string[] shown)
    {
        if (Busy)
            return false;
        Busy = true;
        errors?.Clear();
        StateHasChanged();                                          // what takes its time says so
        try
        {
            await act();
            return true;
        }
        catch (ApiProblemException fault)
        {
            if (SignInAgain(fault.Problem))
                return false;
            if (errors is null)
                Messages.Add(Problems.Sentence(T, fault.Problem), Severity.Error);
            else
                errors.Take(fault.Problem, T, shown);
            return false;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            Busy = false;
        }
    }

    /// <summary>Asks before something that can be undone or done again. What cannot goes by <see cref="DestroyAsync"/>.</summary>
    /// <param name="title">The question.</param>
    /// <param name="text">What happens then.</param>
    /// <param name="action">The verb.</param>
    protected Task<bool> ConfirmAsync(string title, string text, string action) => AskAsync(title, text, action, null);

    /// <summary>Does what cannot be undone, once its name has been typed.</summary>
    /// <param name="title">The question.</param>
    /// <param name="text">What happens then.</param>
    /// <param name="action">The verb.</param>
    /// <param name="name">What must be typed.</param>
    /// <param name="act">The deed.</param>
    /// <returns>Whether it was done.</returns>
    protected async Task<bool> DestroyAsync(string title, string text, string action, string name, Func<Task> act) =>
        await AskAsync(title, text, action, name) && await TryAsync(act);

    private async Task<bool> AskAsync(string title, string text, string action, string? word)
    {
        var parameters = new DialogParameters<ConfirmDialog> { { x => x.Title, title }, { x => x.Text, text }, { x => x.Action, action }, { x => x.Word, word } };
        IDialogReference dialog = await Dialogs.ShowAsync<ConfirmDialog>(title, parameters);
        return await dialog.Result is { Canceled: false };
    }

    /// <summary>Says that something was done.</summary>
    /// <param name="sentence">What.</param>
    protected void Done(string sentence) => Messages.Add(sentence, Severity.Success);

    private bool SignInAgain(ApiProblem problem)
    {
        if (problem.Kind != ApiProblem.Unauthorized)
            return false;
        Navigation.NavigateTo($"/signin?return={Uri.EscapeDataString(new Uri(Navigation.Uri).PathAndQuery)}", forceLoad: true);
        return true;
    }
}
